package stacktest

import (
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/audit"
	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/sqlseam"
	"example.com/identityd/internal/tried"
)

// auditedOnSQLite is a stack whose databases are in a folder, with a connection to that of Kratos.
func auditedOnSQLite(t *testing.T, opts ...Option) (*Stack, *sql.DB) {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "data")
	db := openDB(t, sqlseam.SQLiteDriver, "file:"+filepath.Join(folder, "kratos.sqlite")+"?_busy_timeout=10000&_fk=true")
	return Start(t, append(opts, Set("data_dir", folder))...), db
}

// recorded are the records of the trail, one line each, without what differs from run to run.
func recorded(ctx context.Context, t *testing.T, db *sql.DB) []string {
	t.Helper()
	var out []string
	err := audit.NewReader(db, nil).Each(ctx, audit.Filter{}, func(r audit.Read) error {
		if strings.HasPrefix(r.Kind, "Writer") || r.Kind == audit.ConfigChanged {
			return nil
		}
		line := r.Kind + " " + string(r.Outcome) + " by " + r.Actor
		if r.Client != "" {
			line += " client " + r.Client
		}
		if r.Subject != "" {
			line += " on a person"
		}
		for _, name := range []string{"path", "method", "grant", "what", "which", "scopes", "answer"} {
			if v := r.Detail(name); v != "" && !strings.Contains(v, "/admin/identities/") {
				line += " " + v
			}
		}
		out = append(out, line)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// awaitRecords waits until there are so many, and returns them.
func awaitRecords(t *testing.T, db *sql.DB, n int) []string {
	t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	bound := time.After(30 * time.Second)
	for {
		got := recorded(t.Context(), t, db)
		if len(got) >= n {
			return got
		}
		select {
		case <-tick.C:
		case <-bound:
			return got
		}
	}
}

// awaitActivity waits until the page of a person's activity says all of it.
func awaitActivity(t *testing.T, b *Browser, ui string, want ...string) {
	t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	bound := time.After(30 * time.Second)
	for {
		b.Open(ui + "/account/activity")
		text := b.Page.Text("main")
		if !slices.ContainsFunc(want, func(w string) bool { return !strings.Contains(text, w) }) {
			return
		}
		select {
		case <-tick.C:
		case <-bound:
			t.Errorf("got %s, want %q", text, want)
			return
		}
	}
}

// TestTheTrailOfAJourney is what a person, an application and an administrator leave behind, from the pages,
// Kratos, Hydra and the admin APIs.
func TestTheTrailOfAJourney(t *testing.T) {
	notOnStandIn(t, onSQLite)
	s, db := auditedOnSQLite(t, withFiles(t, map[string]string{"clients": homeFile}))
	ada(t, s)
	here, elsewhere := NewBrowser(t), NewBrowser(t)
	here.Open(s.URLs.UI + "/login")
	here.Submit("form", map[string]string{"identifier": "ada@example.com", "password": "not it", "method": "password"})
	for _, b := range []*Browser{here, elsewhere} {
		b.Open(s.URLs.UI + "/login")
		b.Submit("form", map[string]string{"identifier": "ada@example.com", "password": password, "method": "password"})
	}
	vault := tokensOf(t, s, here, "vault")
	refresh(t, s, vault.Refresh)
	refresh(t, s, vault.Refresh) // a theft
	here.Open(s.URLs.UI + "/account/applications")
	here.Submit(`form:has(input[name=client][value=vault])`, nil)
	here.Open(s.URLs.UI + "/settings")
	here.Submit("form", map[string]string{"password": "a different horse battery 8 staple", "method": "password"})
	// What only tells is written beside the requests that it is about: the pages have it a moment later.
	awaitActivity(t, here, s.URLs.UI, "Vault was given access", "127.0.0.1", "Password changed")
	here.Open(s.URLs.UI + "/account/data")
	_, data := here.raw(http.MethodPost, s.URLs.UI+"/account/data", here.Page.Form(`form[action="/account/data"]`).Fields)
	if !strings.Contains(string(data), `"what": "LoginFailed"`) {
		t.Errorf("the download has no activity: %s", data)
	}
	here.Open(s.URLs.UI + "/account/delete")
	here.Submit(`form[action="/account/delete"]`, map[string]string{"sure": "true"})
	status(t, http.MethodDelete, s.URLs.HydraAdmin+"/admin/clients/own")

	want := []string{
		"OAuth2ClientCreated done by stack.yaml client vault",
		"OAuth2ClientCreated done by stack.yaml client own",
		"AdminChange intended by admin:anybody /admin/identities POST",
		"AdminChange done by admin:anybody /admin/identities POST 201",
		"IdentityCreated done by admin:anybody on a person",
		"LoginFailed failed by unknown on a person",
		"LoginSucceeded done by person on a person password",
		"LoginSucceeded done by person on a person password",
		"OAuth2LoginAccepted done by person client vault on a person",
		"OAuth2ConsentAccepted done by person client vault on a person",
		"ConsentGranted done by person client vault on a person openid email offline_access",
		"OAuth2AccessTokenIssued done by client client vault on a person authorization_code",
		"GrantReused failed by client client vault on a person",
		"OAuth2TokenExchangeError failed by client",
		"OAuth2ConsentRevoked done by person client vault on a person",
		"ApplicationRevoked done by person client vault on a person",
		"SessionEnded done by person on a person others",
		"PasswordChanged done by person on a person password",
		"AccessEnded done by person on a person",
		"AccountExported done by person on a person",
		"IdentityDeleted done by person on a person",
		"AccessEnded done by person on a person",
		"AccountDeleted done by person on a person",
		"AdminChange intended by admin:anybody client own /admin/clients/own DELETE",
		"AdminChange done by admin:anybody client own /admin/clients/own DELETE 204",
		"OAuth2ClientDeleted done by admin:anybody client own",
	}
	got := awaitRecords(t, db, len(want)+1)
	// It comes as soon as the deletion is on record, beside what else happens.
	erased := "PersonErased done by identityd on a person"
	if !slices.Contains(got, erased) {
		t.Errorf("got %v, want the key of the person erased", got)
	}
	got = slices.DeleteFunc(got, func(line string) bool { return line == erased })
	// The clients of the file are made side by side.
	slices.SortFunc(got[:min(2, len(got))], func(a, b string) int { return strings.Compare(b, a) })
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
	report, err := audit.Verify(t.Context(), db, nil)
	if err != nil || len(report.Findings) > 0 {
		t.Errorf("got %v, %v, want a whole trail", report.Findings, err)
	}
	tried.Report(t, "a sign-in, a wrong password, an application, a theft, a new password, a download, a deletion, a change by an administrator",
		"%d records, %d faults in the chain", report.Records, len(report.Findings))
}

// TestAChangeThatCannotBeRecordedIsRefused has a database that takes everything but records.
func TestAChangeThatCannotBeRecordedIsRefused(t *testing.T) {
	notOnStandIn(t, onSQLite)
	s, db := auditedOnSQLite(t, withFiles(t, map[string]string{"clients": homeFile}))
	refuseRecords(t, db)
	address := s.URLs.HydraAdmin + "/admin/clients/own"
	refused := status(t, http.MethodDelete, address)
	if refused != http.StatusServiceUnavailable {
		t.Errorf("got %d, want 503", refused)
	}
	if got := status(t, http.MethodGet, address); got != http.StatusOK {
		t.Errorf("got %d for the client, want 200: it was deleted", got)
	}
	if _, err := db.Exec("DROP TRIGGER refuse"); err != nil {
		t.Fatal(err)
	}
	after := status(t, http.MethodDelete, address)
	if after != http.StatusNoContent {
		t.Errorf("got %d once the trail can be written, want 204", after)
	}
	tried.Report(t, "a client deleted by the admin API while the table of the trail refuses rows",
		"answered %d, the client is there; %d once the table takes rows", refused, after)
}

// TestUnwrittenChangesAreMade shows that the test above would notice.
func TestUnwrittenChangesAreMade(t *testing.T) {
	notOnStandIn(t, onSQLite)
	s, db := auditedOnSQLite(t, withFiles(t, map[string]string{"clients": homeFile}), UnwrittenChanges())
	refuseRecords(t, db)
	got := status(t, http.MethodDelete, s.URLs.HydraAdmin+"/admin/clients/own")
	if got != http.StatusNoContent {
		t.Errorf("got %d, want 204", got)
	}
	tried.Report(t, "the same with the refusal switched off", "answered %d", got)
	if _, err := db.Exec("DROP TRIGGER refuse"); err != nil {
		t.Fatal(err)
	}
}

func refuseRecords(t *testing.T, db *sql.DB) {
	t.Helper()
	if _, err := db.Exec("CREATE TRIGGER refuse BEFORE INSERT ON identityd_audit BEGIN SELECT RAISE(FAIL, 'no'); END"); err != nil {
		t.Fatal(err)
	}
}

func status(t *testing.T, method, address string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode
}

// TestReplicasWriteChainsOfTheirOwn has two of them write at once to one database; one ends without a word.
func TestReplicasWriteChainsOfTheirOwn(t *testing.T) {
	d := newDatabases(t, pgtest.Shared(t))
	one := d.start(t, withVault(t))
	two := d.start(t, withVault(t))
	ada(t, one)
	const each = 20
	var all sync.WaitGroup
	for _, s := range []*Stack{one, two} {
		for i := range each {
			all.Go(func() {
				address := fmt.Sprintf("%s/admin/clients/none-%d", s.URLs.HydraAdmin, i)
				if got := status(t, http.MethodDelete, address); got != http.StatusNotFound {
					t.Errorf("got %d, want 404", got)
				}
			})
		}
	}
	all.Wait()
	for _, s := range []*Stack{one, two} {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	}
	db := openDB(t, "pgx", d.server.DatabaseURL(d.kratos))
	report, err := audit.Verify(t.Context(), db, nil)
	if err != nil || len(report.Findings) > 0 || report.Writers < 2 {
		t.Errorf("got %+v, %v, want a whole trail of two writers", report, err)
	}
	var intended int
	if err := db.QueryRow("SELECT count(*) FROM identityd_audit WHERE kind = 'AdminChange' AND outcome = 'intended'").Scan(&intended); err != nil {
		t.Fatal(err)
	}
	if intended != 2*each+1 { // ada
		t.Errorf("got %d intentions, want %d", intended, 2*each+1)
	}
	tried.Report(t, "two replicas that write at once on one database", "%d records of %d writers, %d faults", report.Records, report.Writers, len(report.Findings))
}
