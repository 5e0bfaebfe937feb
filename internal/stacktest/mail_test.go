package stacktest

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/identityd/internal/inbox/smtptest"
	"example.com/identityd/internal/pgtest"
)

// courierVariable makes the process of TestMailSurvivesItsCourier the one that is killed.
const courierVariable = "IDENTITYD_TEST_COURIER"

// askForCodes asks for a recovery code for each of the people, which is one mail each.
func askForCodes(t *testing.T, s *Stack, from, to int) {
	t.Helper()
	var wg sync.WaitGroup
	for i := from; i < to; i++ {
		wg.Go(func() {
			b := NewBrowser(t)
			b.Open(s.URLs.UI + "/recovery")
			b.Submit("form", map[string]string{"email": person(i), "method": "code"})
			if b.Status != http.StatusOK {
				t.Errorf("asking for a code for %s: got %d", person(i), b.Status)
			}
		})
	}
	wg.Wait()
}

func person(i int) string { return fmt.Sprintf("person-%d@example.com", i) }

func makePeople(t *testing.T, s *Stack, n int) {
	t.Helper()
	for i := range n {
		var made map[string]any
		call(t, http.MethodPost, s.URLs.KratosAdmin+"/admin/identities", "application/json",
			`{"schema_id":"email@1","traits":{"email":"`+person(i)+`"}}`, nil, &made)
	}
}

// until polls what becomes true within the bound of a start.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	tick, limit := time.NewTicker(50*time.Millisecond), time.After(startBound)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("%s: not in %s", what, startBound)
		}
	}
}

// TestOneMailOfTwoReplicas queues mail at both replicas; each goes out once, also when the one that
// sends is stopped in between and the other takes over.
func TestOneMailOfTwoReplicas(t *testing.T) {
	const people = 12
	mail := smtptest.Start(t, smtptest.Options{})
	opts := append(onPostgres(t, pgtest.Shared(t)), Set("mail.smtp_url", mail.URL), Set("mail.from", "no-reply@localhost"))
	stacks := []*Stack{Start(t, opts...), Start(t, opts...)}
	makePeople(t, stacks[0], people)
	for i, s := range stacks {
		askForCodes(t, s, i*people/3, (i+1)*people/3)
	}
	until(t, "all mail of both", func() bool { return len(mail.Mails()) >= 2*people/3 })
	holder, other := 0, 1
	if !strings.Contains(stacks[0].Log.String(), `"lease":"courier"`) {
		holder, other = 1, 0
	}
	for i, want := range map[int]string{holder: "1", other: "0"} {
		if got := metric(t, stacks[i], `identityd_lease_held{lease="courier"}`); got != want {
			t.Errorf("replica %d holds the courier: got %q, want %q", i, got, want)
		}
	}
	if err := stacks[holder].Stop(); err != nil {
		t.Fatal(err)
	}
	askForCodes(t, stacks[other], 2*people/3, people)
	until(t, "the mail after the change", func() bool { return len(mail.Mails()) >= people })
	until(t, "all marked as sent", func() bool {
		var queued []struct{ Status string }
		get(t, stacks[other].URLs.KratosAdmin+"/admin/courier/messages?status=queued", &queued)
		return len(queued) == 0
	})
	wantOnce(t, mail.Mails(), people)
}

func wantOnce(t *testing.T, mails []smtptest.Mail, people int) {
	t.Helper()
	got := map[string]int{}
	for _, m := range mails {
		for _, to := range m.To {
			got[to]++
		}
	}
	for i := range people {
		if got[person(i)] != 1 {
			t.Errorf("%s got %d mails, want 1", person(i), got[person(i)])
		}
	}
}

// metric is the value of one line of /metrics, or nothing.
func metric(t *testing.T, s *Stack, name string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URLs.Ops+"/metrics", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() {
		if value, ok := strings.CutPrefix(lines.Text(), name+" "); ok {
			return value
		}
	}
	return ""
}

// TestMailSurvivesItsCourier kills the process that sends in the middle of a mail. Upstream never looks
// again at what that process had taken (docs/ory-quirks.md#q37).
func TestMailSurvivesItsCourier(t *testing.T) {
	if raw := os.Getenv(courierVariable); raw != "" {
		sendUntilKilled(t, raw)
		return
	}
	const people = 5
	var (
		first   sync.Once
		reached = make(chan struct{})
		release = make(chan struct{})
	)
	mail := smtptest.Start(t, smtptest.Options{BeforeMail: func() {
		first.Do(func() { close(reached); <-release })
	}})
	server := pgtest.Shared(t)
	set := map[string]string{"mail.smtp_url": mail.URL, "mail.from": "no-reply@localhost"}
	for _, o := range onPostgres(t, server) {
		o(set)
	}
	ready := filepath.Join(t.TempDir(), "ready")
	raw, err := json.Marshal(map[string]any{"set": set, "ready": ready})
	if err != nil {
		t.Fatal(err)
	}
	var opts []Option
	for word, value := range set {
		opts = append(opts, Set(word, value))
	}
	courier := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^"+t.Name()+"$")
	courier.Env = append(os.Environ(), courierVariable+"="+string(raw))
	if err := courier.Start(); err != nil {
		t.Fatal(err)
	}
	until(t, "the process that sends", func() bool { _, err := os.Stat(ready); return err == nil })
	db := openDB(t, "pgx", server.DatabaseURL(set["database.kratos.name"]))
	until(t, "its lease", func() bool { return count(t, db, "identityd_lease WHERE name = 'courier' AND holder <> ''") == 1 })
	s := Start(t, opts...)
	makePeople(t, s, people)
	askForCodes(t, s, 0, people)
	<-reached
	if err := courier.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	courier.Wait() //nolint:errcheck // it was killed
	close(release)
	if taken := count(t, db, "courier_messages WHERE status = 3"); taken == 0 {
		t.Fatal("no mail was being sent, so that nothing is shown")
	}
	// Instead of waiting for half a minute.
	mustExec(t, db, "UPDATE identityd_lease SET expires_at = '1970-01-01 00:00:00+00' WHERE name = 'courier'")
	until(t, "all mail", func() bool { return count(t, db, "courier_messages WHERE status = 2") == people })
	wantOnce(t, mail.Mails(), people)
	if !strings.Contains(s.Log.String(), "mail was left in the middle of being sent") {
		t.Error("the log does not say that mail was taken up again")
	}
}

func sendUntilKilled(t *testing.T, raw string) {
	t.Helper()
	var told struct {
		Set   map[string]string
		Ready string
	}
	if err := json.Unmarshal([]byte(raw), &told); err != nil {
		t.Fatal(err)
	}
	var opts []Option
	for word, value := range told.Set {
		opts = append(opts, Set(word, value))
	}
	Start(t, opts...)
	if err := os.WriteFile(told.Ready, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	<-time.After(startBound) // it waits to be killed
}
