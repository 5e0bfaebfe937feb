package stacktest

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/faulttest"
	"example.com/identityd/internal/pgtest"
)

// faulty is a stack whose database can be spoiled, and a person and an application in it.
type faulty struct {
	*Stack
	databases
	proxy   *faulttest.Proxy
	access  string
	cookies []*http.Cookie // of the person, at Kratos
}

// newFaulty starts one. Its pools are small, so that a slow database is felt.
func newFaulty(t *testing.T) *faulty {
	t.Helper()
	server := pgtest.Start(t)
	proxy := faulttest.Start(t, server.URL())
	f := &faulty{databases: newDatabases(t, server), proxy: proxy}
	f.Stack = f.start(t, withVault(t), Set("database.url", itsURL(proxy.URL())),
		Set("database.pool.max_open", "4"), Set("database.pool.max_idle", "4"))
	ada(t, f.Stack)
	http.DefaultClient.CloseIdleConnections()
	f.access = redeemCode(t, f.Stack, vaultCode(t, f.Stack)).Access
	person := NewBrowser(t)
	person.Open(f.URLs.UI + "/login")
	person.Submit("form", map[string]string{"identifier": "ada@example.com", "password": password, "method": "password"})
	person.URL.Path = "/"
	f.cookies = person.client.Jar.Cookies(person.URL)
	t.Cleanup(http.DefaultTransport.(*http.Transport).CloseIdleConnections)
	return f
}

// questions are what relying parties and browsers ask all the time, of each listener that people reach.
// Each is answered 200 while the database is there.
func (f *faulty) questions() []Request {
	cookies := func(r *http.Request) {
		for _, c := range f.cookies {
			r.AddCookie(c)
		}
	}
	bearer := func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+f.access) }
	form := func(r *http.Request) { r.Header.Set("Content-Type", "application/x-www-form-urlencoded") }
	return []Request{
		{Name: "userinfo", Method: "GET", URL: f.URLs.Hydra + "/userinfo", Change: bearer},
		{Name: "whoami", Method: "GET", URL: f.URLs.Kratos + "/sessions/whoami", Change: cookies},
		{Name: "the home page", Method: "GET", URL: f.URLs.UI + "/account/", Change: cookies},
		{
			Name: "introspection", Method: "POST", URL: f.URLs.HydraAdmin + "/admin/oauth2/introspect",
			Body: "token=" + f.access, Change: form,
		},
	}
}

// wantHonest checks what everybody gets during an outage: the truth or 503, and nothing of the database.
func wantHonest(t *testing.T, answers []Answer) {
	t.Helper()
	for _, a := range answers {
		switch {
		case a.Err != nil:
			t.Errorf("%s: got %v after %s, want an answer", a.Name, a.Err, a.Took)
		case a.Status == http.StatusServiceUnavailable:
			if a.Header.Get("Retry-After") == "" {
				t.Errorf("%s: got a 503 without Retry-After", a.Name)
			}
		case a.Status != http.StatusOK:
			t.Errorf("%s: got %d, want 200 or 503: %s", a.Name, a.Status, a.Body)
		case a.Name == "introspection" && !strings.Contains(a.Body, `"active":true`):
			t.Errorf("introspection lied: %s", a.Body)
		}
		for _, leak := range []string{"SQLSTATE", "dial tcp", "connection refused", "pgx", "SELECT"} {
			if strings.Contains(a.Body, leak) {
				t.Errorf("%s: the answer says %q: %s", a.Name, leak, a.Body)
			}
		}
		if t.Failed() {
			return // the others say the same
		}
	}
}

// awaitServed waits until answers of the status come and then only such, and returns how long that took.
func awaitServed(t *testing.T, l *Load, from time.Time, bound time.Duration) time.Duration {
	t.Helper()
	for {
		var last time.Duration
		good := 0
		for _, a := range l.Since(from) {
			if a.Status == http.StatusOK {
				good++
				continue
			}
			last, good = l.began.Add(a.At+a.Took).Sub(from), 0
		}
		if good >= 50 {
			return last
		}
		if time.Since(from) > bound {
			t.Fatalf("not served again after %s: %v", bound, Statuses(l.Since(from)))
		}
		<-time.After(50 * time.Millisecond)
	}
}

// TestTheDatabaseEnds is faults 1 and 2: while it is away everybody is told so, nobody is refused, and
// when it is back everybody is served, without a restart.
func TestTheDatabaseEnds(t *testing.T) {
	f := newFaulty(t)
	for _, mode := range []pgtest.Mode{pgtest.Kill, pgtest.Fast} {
		t.Run("by "+string(mode), func(t *testing.T) {
			codes := make([]string, 12)
			for i := range codes {
				codes[i] = vaultCode(t, f.Stack)
			}
			l := StartLoad(t, 8, f.questions()...)
			awaitServed(t, l, time.Now(), time.Minute)
			redeemed := make(chan grant, len(codes))
			for i, code := range codes {
				go func() {
					<-time.After(time.Duration(i) * 10 * time.Millisecond) // some before the end, some after
					redeemed <- redeemCode(t, f.Stack, code)
				}()
			}
			<-time.After(60 * time.Millisecond)
			f.server.Stop(mode)
			away := time.Now()
			awaitReady(t, f.Stack, http.StatusServiceUnavailable)
			for range codes {
				if g := <-redeemed; g.Status != http.StatusOK && g.Status != http.StatusServiceUnavailable {
					t.Errorf("a code: got %d %s, want 200 or 503", g.Status, g.Error)
				}
			}
			f.server.Start()
			back := time.Now()
			// Without a restart; how soon is a matter of what else the machine does.
			took := awaitServed(t, l, back, time.Minute)
			t.Logf("away for %s, served again %s after it was back", back.Sub(away), took)
			answers := l.Stop()
			wantHonest(t, answers)
			if got := Statuses(answers)[http.StatusServiceUnavailable]; got == 0 {
				t.Error("nobody noticed, so that this proves nothing")
			}
			f.wantWholeGrants(t)
		})
	}
}

// wantWholeGrants looks for a code that was used up without its tokens, and for a refresh token without
// its access token.
func (f *faulty) wantWholeGrants(t *testing.T) {
	t.Helper()
	conn := Connect(t, f.server.URL(), f.hydra)
	defer conn.Close(t.Context()) //nolint:errcheck // it was only read
	for what, query := range map[string]string{
		"codes without tokens": `SELECT count(*) FROM hydra_oauth2_code c WHERE NOT c.active AND NOT EXISTS
			(SELECT 1 FROM hydra_oauth2_access a WHERE a.request_id = c.request_id)`,
		"refresh tokens without an access token": `SELECT count(*) FROM hydra_oauth2_refresh r WHERE r.active AND NOT EXISTS
			(SELECT 1 FROM hydra_oauth2_access a WHERE a.request_id = r.request_id)`,
	} {
		var n int
		if err := conn.QueryRow(t.Context(), query).Scan(&n); err != nil || n != 0 {
			t.Errorf("got %d %s, %v, want none", n, what, err)
		}
	}
}

// beforeTheDeadline is well below the 25 seconds after which requests end that wait for a database.
const beforeTheDeadline = 20 * time.Second

// TestTheDatabaseHangs is fault 4: it neither answers nor closes its connections.
func TestTheDatabaseHangs(t *testing.T) {
	f := newFaulty(t)
	hangs := []struct {
		name  string
		begin func() (end func())
	}{
		{"stopped by a signal", func() func() { f.server.Freeze(); return f.server.Thaw }},
		{"behind a network that loses everything", func() func() { return f.proxy.Silence() }},
	}
	documents := []string{"/.well-known/openid-configuration", "/.well-known/jwks.json"}
	for _, hang := range hangs {
		t.Run(hang.name, func(t *testing.T) {
			want := map[string]any{}
			for _, path := range documents {
				want[path] = document(t, f.URLs.Hydra+path, nil)
			}
			end := hang.begin()
			defer func() {
				end()
				awaitReady(t, f.Stack, http.StatusOK)
			}()
			began := time.Now()
			awaitReady(t, f.Stack, http.StatusServiceUnavailable)
			// The last good result is good for a second, and one check takes two: three seconds, where nothing else runs.
			// Without a bound of its own it would be the deadline of a request.
			if took := time.Since(began); took > beforeTheDeadline {
				t.Errorf("not ready after %s, want at most %s", took, beforeTheDeadline)
			}
			for _, path := range documents {
				var header http.Header
				began := time.Now()
				got := document(t, f.URLs.Hydra+path, &header)
				if diff := cmp.Diff(want[path], got); diff != "" {
					t.Errorf("%s from memory differs (-want +got):\n%s", path, diff)
				}
				if took := time.Since(began); took > beforeTheDeadline {
					t.Errorf("%s took %s, want at most %s", path, took, beforeTheDeadline)
				}
				if path == "/.well-known/jwks.json" && header.Get("Age") == "" {
					t.Errorf("%s does not say its age: %v", path, header)
				}
			}
		})
	}
	t.Run("every request ends with 503 at its deadline", func(t *testing.T) {
		Long(t)
		defer f.proxy.Silence()()
		l := StartLoad(t, 4, f.questions()[:3]...)
		deadline := time.Now().Add(time.Minute)
		for len(l.Since(l.began)) < 4 && time.Now().Before(deadline) {
			<-time.After(100 * time.Millisecond)
		}
		answers := l.Stop()
		wantHonest(t, answers)
		if got := Statuses(answers)[http.StatusServiceUnavailable]; got < 4 {
			t.Errorf("got %v, want 503s", Statuses(answers))
		}
		if took, most := Slowest(answers, 1), 30*time.Second; took > most {
			t.Errorf("the slowest took %s, want at most %s", took, most)
		}
	})
}

// document reads one that has to be there, and its header.
func document(t *testing.T, url string, header *http.Header) any {
	t.Helper()
	var out any
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Fatalf("%s: got %d, want 200", url, res.StatusCode)
	}
	decodeJSON(t, res.Body, &out)
	if header != nil {
		*header = res.Header
	}
	return out
}
