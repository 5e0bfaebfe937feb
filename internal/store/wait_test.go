package store_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/store"
)

// bound is far beyond everything that is waited for, on a machine that does other things as well.
const bound = 30 * time.Second

// waiting is one Wait in the background.
type waiting struct {
	t       *testing.T
	cancel  context.CancelFunc
	reasons chan string
	done    chan error
	log     *logBuffer
}

func startWait(t *testing.T, d store.DSN, o store.WaitOptions) *waiting {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	w := &waiting{t: t, cancel: cancel, reasons: make(chan string, 100), done: make(chan error, 1)}
	o.Log, w.log = newLog()
	o.Reason = func(s string) { w.reasons <- s }
	finished := make(chan struct{})
	go func() {
		defer close(finished)
		w.done <- store.Wait(ctx, d, o)
	}()
	t.Cleanup(func() {
		cancel()
		<-finished
		if u, err := url.Parse(d.Reveal()); err == nil {
			if password, ok := u.User.Password(); ok && leaks(w.log.String(), password) {
				t.Errorf("the log holds the password: %s", w.log)
			}
		}
	})
	return w
}

func (w *waiting) wantReason(want string) {
	w.t.Helper()
	select {
	case got := <-w.reasons:
		if got != want {
			w.t.Errorf("got reason %q, want %q\n%s", got, want, w.log)
		}
	case err := <-w.done:
		w.t.Fatalf("Wait returned %v, want the reason %q", err, want)
	case <-time.After(bound):
		w.t.Fatalf("no reason, want %q", want)
	}
}

func (w *waiting) end() error {
	w.t.Helper()
	select {
	case err := <-w.done:
		return err
	case <-time.After(bound):
		w.t.Fatalf("Wait does not return\n%s", w.log)
		return nil
	}
}

// dsn resolves the two databases of a server that a test knows by its URL.
func dsn(t *testing.T, serverURL, hydraName string) store.DSN {
	t.Helper()
	d, _, err := store.Resolve(store.Settings{URL: serverURL, Hydra: store.Database{Name: hydraName}, Pool: pool()})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func withPassword(t *testing.T, serverURL, password string) string {
	t.Helper()
	u, err := url.Parse(serverURL)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(u.User.Username(), password)
	return u.String()
}

func current(t *testing.T, d store.DSN) string {
	t.Helper()
	db, err := store.Open(d, "")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var name string
	if err := db.QueryRowContext(t.Context(), "SELECT current_database()").Scan(&name); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestWaitCreates(t *testing.T) {
	s := pgtest.Shared(t)
	t.Run("a database that does not exist is created and can be entered", func(t *testing.T) {
		hydra, _ := s.Databases(t)
		d := dsn(t, s.URL(), hydra)
		for range 2 { // the second time it exists
			if err := startWait(t, d, store.WaitOptions{Create: true, Timeout: bound}).end(); err != nil {
				t.Fatal(err)
			}
		}
		if got := current(t, d); got != hydra {
			t.Errorf("got database %s, want %s", got, hydra)
		}
	})
	t.Run("a name with capitals, spaces and quotes is kept", func(t *testing.T) {
		hydra, _ := s.Databases(t)
		name := `Odd "name" ` + hydra
		t.Cleanup(func() { s.Admin(t, `DROP DATABASE IF EXISTS "Odd ""name"" `+hydra+`"`) })
		d := dsn(t, s.URL(), name)
		if err := startWait(t, d, store.WaitOptions{Create: true, Timeout: bound}).end(); err != nil {
			t.Fatal(err)
		}
		if got := current(t, d); got != name {
			t.Errorf("got database %s, want %s", got, name)
		}
	})
	t.Run("replicas that start together all get in", func(t *testing.T) {
		hydra, _ := s.Databases(t)
		d := dsn(t, s.URL(), hydra)
		var group sync.WaitGroup
		errs := make([]error, 8)
		for i := range errs {
			group.Go(func() {
				log, lines := newLog()
				errs[i] = store.Wait(t.Context(), d, store.WaitOptions{Create: true, Timeout: bound, Log: log})
				if got := lines.String(); strings.Contains(got, "could not be created") {
					t.Errorf("the slower one complains: %s", got)
				}
			})
		}
		group.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Error(err)
		}
	})
}

func TestWaitSaysWhy(t *testing.T) {
	s := pgtest.Shared(t)
	hydra, _ := s.Databases(t)
	t.Run("not allowed to create", func(t *testing.T) {
		d := dsn(t, s.URL(), hydra)
		w := startWait(t, d, store.WaitOptions{})
		w.wantReason("the database does not exist")
		if got := w.log.String(); !strings.Contains(got, `"database":"`+d.String()+`"`) {
			t.Errorf("the log does not name the database: %s", got)
		}
	})
	t.Run("a user who may not create", func(t *testing.T) {
		w := startWait(t, dsn(t, s.Role(t, "NOCREATEDB"), hydra), store.WaitOptions{Create: true})
		w.wantReason("the database " + hydra + " does not exist and its user may not create it")
	})
	t.Run("a wrong password", func(t *testing.T) {
		w := startWait(t, dsn(t, withPassword(t, s.Role(t, ""), "wrong?/@ sesame"), hydra), store.WaitOptions{Create: true})
		w.wantReason("the database refuses the user or the password")
	})
	t.Run("a user who may not enter", func(t *testing.T) {
		s.Admin(t, "CREATE DATABASE closed_"+hydra, "REVOKE CONNECT ON DATABASE closed_"+hydra+" FROM PUBLIC")
		t.Cleanup(func() { s.Admin(t, "DROP DATABASE closed_"+hydra) })
		w := startWait(t, dsn(t, s.Role(t, ""), "closed_"+hydra), store.WaitOptions{Create: true})
		w.wantReason("the database does not admit its user")
	})
	t.Run("a user without a connection left", func(t *testing.T) {
		w := startWait(t, dsn(t, s.Role(t, "CONNECTION LIMIT 0"), "postgres"), store.WaitOptions{})
		w.wantReason("the database has no connection left")
	})
	t.Run("nobody listens", func(t *testing.T) {
		w := startWait(t, dsn(t, "postgres://me:sesame-1@127.0.0.1:1/?sslmode=disable", hydra), store.WaitOptions{Create: true})
		w.wantReason("the database cannot be reached")
		if n := len(w.reasons); n != 0 {
			t.Errorf("the same reason was told %d times more", n)
		}
	})
	t.Run("the timeout names its setting and the last reason", func(t *testing.T) {
		w := startWait(t, dsn(t, withPassword(t, s.Role(t, ""), "wrong-sesame"), hydra),
			store.WaitOptions{Timeout: 700 * time.Millisecond})
		err := w.end()
		if err == nil {
			t.Fatal("got no error")
		}
		for _, want := range []string{
			"waiting for postgres://role_", ":xxxxx@", "/" + hydra + ": ",
			"the database did not answer within database.wait_timeout (700ms)",
			"(the database refuses the user or the password)",
		} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("got %q, want it to contain %q", err, want)
			}
		}
		if strings.Contains(err.Error(), "\n") {
			t.Errorf("got more than one line: %q", err)
		}
	})
	t.Run("an address that cannot be used is not waited for", func(t *testing.T) {
		w := startWait(t, dsn(t, "postgres://me:sesame-1@db/?sslmode=perhaps", hydra), store.WaitOptions{})
		if err := w.end(); err == nil || !strings.HasPrefix(err.Error(), "opening postgres://me:xxxxx@db/") {
			t.Errorf("got %v, want an error that names the address", err)
		}
	})
}

func TestWaitOutlivesAnOutage(t *testing.T) {
	s := pgtest.Start(t)
	hydra, _ := s.Databases(t)
	d := dsn(t, s.URL(), hydra)

	t.Run("a server that starts while it is waited for", func(t *testing.T) {
		s.Stop(pgtest.Fast)
		w := startWait(t, d, store.WaitOptions{Create: true})
		w.wantReason("the database cannot be reached")
		s.Start()
		if err := w.end(); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("a canceled wait on an absent server ends at once", func(t *testing.T) {
		s.Stop(pgtest.Immediate)
		defer s.Start()
		w := startWait(t, d, store.WaitOptions{Create: true})
		w.wantReason("the database cannot be reached")
		wantCancelled(t, w)
	})
	t.Run("a canceled wait on a frozen server ends at once", func(t *testing.T) {
		s.Freeze()
		defer s.Thaw()
		w := startWait(t, d, store.WaitOptions{Create: true})
		wantCancelled(t, w)
	})
	t.Run("a try on a frozen server is bounded, and another one succeeds", func(t *testing.T) {
		s.Freeze()
		w := startWait(t, d, store.WaitOptions{Create: true})
		w.wantReason("the database does not answer in time")
		s.Thaw()
		if err := w.end(); err != nil {
			t.Fatal(err)
		}
	})
}

func wantCancelled(t *testing.T, w *waiting) {
	t.Helper()
	begin := time.Now()
	w.cancel()
	if err := w.end(); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context canceled", err)
	}
	// The try that it was in would go on for five seconds.
	if took := time.Since(begin); took > 4*time.Second {
		t.Errorf("it took %s, want its try to end with it", took)
	}
}

func TestWaitPreparesSQLite(t *testing.T) {
	t.Run("the folder and the file are for their owner only", func(t *testing.T) {
		if runtime.GOOS == "windows" {
			t.Skip("SKIP: modes mean little on Windows")
		}
		folder := filepath.Join(t.TempDir(), "a folder", "100% #1")
		h, k, err := store.Resolve(store.Settings{URL: "sqlite://" + folder, Pool: pool()})
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range []store.DSN{h, k} {
			if err := store.Wait(t.Context(), d, store.WaitOptions{}); err != nil {
				t.Fatal(err)
			}
			db, err := store.Open(d, "")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := db.ExecContext(t.Context(), "CREATE TABLE here (x int)"); err != nil {
				t.Error(err)
			}
			db.Close()
		}
		got := map[string]os.FileMode{}
		for _, name := range []string{".", "hydra.sqlite", "kratos.sqlite"} {
			info, err := os.Stat(filepath.Join(folder, name))
			if err != nil {
				t.Fatal(err)
			}
			got[name] = info.Mode().Perm()
			if name != "." && info.Size() == 0 {
				t.Errorf("%s is empty: Open wrote to another file", name)
			}
		}
		want := map[string]os.FileMode{".": 0o700, "hydra.sqlite": 0o600, "kratos.sqlite": 0o600}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
	t.Run("a database in memory leaves no file", func(t *testing.T) {
		t.Chdir(t.TempDir())
		d, _, err := store.Resolve(store.Settings{URL: "sqlite://:memory:", Pool: pool()})
		if err != nil {
			t.Fatal(err)
		}
		if err := store.Wait(t.Context(), d, store.WaitOptions{}); err != nil {
			t.Fatal(err)
		}
		db, err := store.Open(d, "")
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if err := db.PingContext(t.Context()); err != nil {
			t.Fatal(err)
		}
		if files, err := os.ReadDir("."); err != nil || len(files) != 0 {
			t.Errorf("got files %v (%v), want none", files, err)
		}
	})
	t.Run("a folder that cannot be made is named", func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		d, _, err := store.Resolve(store.Settings{URL: "sqlite://" + file, Pool: pool()})
		if err != nil {
			t.Fatal(err)
		}
		err = store.Wait(t.Context(), d, store.WaitOptions{})
		if err == nil || !strings.HasPrefix(err.Error(), "making the folder of sqlite://"+file) &&
			!strings.HasPrefix(err.Error(), "opening sqlite://"+file) {
			t.Errorf("got %v, want an error that names the file", err)
		}
	})
}

func TestWaitRefusesAFileThatIsNoDatabase(t *testing.T) {
	folder := t.TempDir()
	hydra, _, err := store.Resolve(store.Settings{URL: "sqlite://" + folder})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(hydra.File(), bytes.Repeat([]byte("no database "), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	err = store.Wait(t.Context(), hydra, store.WaitOptions{Log: slog.New(slog.DiscardHandler)})
	if err == nil || !strings.Contains(err.Error(), hydra.File()) || !strings.Contains(err.Error(), "file is not a database") {
		t.Errorf("got %v, want an error that names the file", err)
	}
}
