package stacktest

import (
	"context"
	"database/sql"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.com/identityd/internal/sqlseam"
	"example.com/identityd/internal/store"
)

// smallDisk mounts a file system of a few megabytes, or skips the test.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	folder := t.TempDir()
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "size="+size+",mode=0700"); err != nil {
		t.Skipf("SKIP: a small disk cannot be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(folder, 0); err != nil {
			t.Errorf("unmounting: %v", err)
		}
	})
	return folder
}

// fillDisk writes until nothing more goes, and returns how to make room again.
func fillDisk(t *testing.T, folder string) (empty func()) {
	t.Helper()
	path := filepath.Join(folder, "filler")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for size := 1 << 20; size > 0; {
		if _, err := f.Write(make([]byte, size)); errors.Is(err, syscall.ENOSPC) {
			size /= 2
		} else if err != nil {
			t.Fatal(err)
		}
	}
	return func() {
		if err := os.Remove(path); err != nil {
			t.Error(err)
		}
	}
}

func newPerson(n int) map[string]any {
	return map[string]any{
		"method": "password", "password": "a-good-pass-phrase-17",
		"traits": map[string]any{"email": "person-" + strconv.Itoa(n) + "@example.com"},
	}
}

// TestAFullDiskIsAnOutage is fault 9: writes are refused with 503, reads go on, readiness says so, and
// nothing is damaged when there is room again.
func TestAFullDiskIsAnOutage(t *testing.T) {
	disk := smallDisk(t, "24m")
	folder := filepath.Join(disk, "data")
	s := Start(t, Set("data_dir", folder), Set("database.url", "sqlite://"+folder), Set("identity.verification", "optional"))
	status, body := apiFlow(t, s, "registration", newPerson(0))
	_, token, _ := strings.Cut(body, `"session_token":"`)
	token, _, _ = strings.Cut(token, `"`)
	if status != http.StatusOK || token == "" {
		t.Fatalf("got %d %s, want a session", status, body)
	}
	whoami := func() int {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URLs.Kratos+"/sessions/whoami", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Session-Token", token)
		got, _ := send(t, req)
		return got
	}
	ready := func() int { return get(t, "http://"+s.Address("ops")+"/health/ready", nil) }
	empty := fillDisk(t, disk)

	// SQLite writes into the room that its log has already, for a while.
	const most = 3000
	refused := 0
	for n := 0; n < most && refused < 3; n++ {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URLs.Kratos+"/self-service/login/api", nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		switch res.StatusCode {
		case http.StatusOK:
		case http.StatusServiceUnavailable:
			refused++
			if res.Header.Get("Retry-After") == "" {
				t.Error("a refusal does not say when to come again")
			}
		default:
			t.Fatalf("got %d, want 200 or 503\n%s", res.StatusCode, s.Log.Tail())
		}
	}
	if refused == 0 {
		t.Fatalf("%d flows found room on a full disk", most)
	}
	if got := whoami(); got != http.StatusOK {
		t.Errorf("whoami: got %d, want 200: reads go on", got)
	}
	// What was found a moment ago, by whoever asked, is good for that moment.
	within(t, time.Minute, func() bool { return ready() == http.StatusServiceUnavailable })
	// Not 401: nobody has read that the password is wrong. The flow itself cannot be made.
	if got, body := apiLogin(t, s, "person-0@example.com", "a-good-pass-phrase-17"); got != http.StatusServiceUnavailable {
		t.Errorf("sign-in: got %d %s, want 503", got, body)
	}

	empty()
	within(t, time.Minute, func() bool { return ready() == http.StatusOK })
	for n := 1; n < 4; n++ {
		if status, body := apiFlow(t, s, "registration", newPerson(n)); status != http.StatusOK {
			t.Errorf("a registration after that: got %d %s, want 200", status, body)
		}
	}
	if got, body := apiLogin(t, s, "person-0@example.com", "a-good-pass-phrase-17"); got != http.StatusOK {
		t.Errorf("a sign-in after that: got %d %s, want 200", got, body)
	}
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	wholeDatabases(t, folder)
}

// within fails the test unless something becomes true in time.
func within(t *testing.T, bound time.Duration, holds func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), bound)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("not within %s", bound)
		}
	}
}

// wholeDatabases lets SQLite look for damage.
func wholeDatabases(t *testing.T, folder string) {
	t.Helper()
	sqlseam.Register()
	hydra, kratos, err := store.Resolve(store.Settings{URL: "sqlite://" + folder, Pool: store.Pool{MaxOpen: 1, MaxIdle: 1}})
	if err != nil {
		t.Fatal(err)
	}
	for _, dsn := range []store.DSN{hydra, kratos} {
		db, err := store.Open(dsn, "")
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		var verdict string
		if err := db.QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
			t.Errorf("%s: got %q, %v, want ok", dsn, verdict, err)
		}
		var broken sql.NullString
		err = db.QueryRowContext(t.Context(), "PRAGMA foreign_key_check").Scan(&broken, new(any), new(any), new(any))
		if !errors.Is(err, sql.ErrNoRows) {
			t.Errorf("%s: got a row without its parent in %q, %v", dsn, broken.String, err)
		}
	}
}
