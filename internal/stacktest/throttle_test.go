package stacktest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/tried"
)

const machineFile = `
- id: machine
  secret: machine-secret-machine-secret
  grant_types: [client_credentials]
  token_endpoint_auth_method: client_secret_post
`

// try is the answer to a password.
type try struct {
	status int
	after  time.Duration
	body   string
	took   time.Duration
}

// tryPassword signs in as an application without a browser does.
func tryPassword(t *testing.T, s *Stack, who, secret string) try {
	t.Helper()
	return submitPassword(t, nativeLogin(t, s), who, secret)
}

func nativeLogin(t *testing.T, s *Stack) string {
	t.Helper()
	var f identity.Flow
	get(t, s.URLs.Kratos+"/self-service/login/api", &f)
	return f.UI.Action
}

func submitPassword(t *testing.T, action, who, secret string) try {
	t.Helper()
	raw, err := json.Marshal(map[string]string{"method": "password", "identifier": who, "password": secret})
	if err != nil {
		t.Error(err)
	}
	return postTry(t, action, "application/json", string(raw))
}

func postTry(t *testing.T, address, kind, body string) (out try) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		t.Error(err)
		return out
	}
	req.Header.Set("Content-Type", kind)
	req.Header.Set("Accept", "application/json")
	began := time.Now()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Error(err)
		return out
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Error(err)
	}
	seconds, _ := strconv.Atoi(res.Header.Get("Retry-After")) // there may be none
	return try{res.StatusCode, time.Duration(seconds) * time.Second, string(raw), time.Since(began)}
}

// several gives each of n tries a flow, makes them all at once, and returns the answers.
func several(t *testing.T, n int, who func(int) string, stacks ...*Stack) []try {
	t.Helper()
	actions, out := make([]string, n), make([]try, n)
	for i := range actions {
		actions[i] = nativeLogin(t, stacks[i%len(stacks)])
	}
	var all sync.WaitGroup
	for i := range out {
		all.Go(func() { out[i] = submitPassword(t, actions[i], who(i), "wrong-wrong-wrong") })
	}
	all.Wait()
	return out
}

func byStatus(tries []try) map[int]int {
	out := map[int]int{}
	for _, one := range tries {
		out[one.status]++
	}
	return out
}

// hashed is how many passwords or secrets an engine has hashed.
func hashed(t *testing.T, s *Stack, engine string) int {
	t.Helper()
	return counter(t, s, `identityd_hashes_total{engine="`+engine+`"}`)
}

func counter(t *testing.T, s *Stack, name string) int {
	t.Helper()
	value := metric(t, s, name)
	n, err := strconv.ParseFloat(value, 64)
	if err != nil {
		t.Fatalf("%s: got %q: %v", name, value, err)
	}
	return int(n)
}

// makePerson makes one who can sign in.
func makePerson(t *testing.T, s *Stack, email string) {
	t.Helper()
	var made struct{ ID string }
	call(t, http.MethodPost, s.URLs.KratosAdmin+"/admin/identities", "application/json",
		fmt.Sprintf(`{"schema_id":"email@1","traits":{"email":%q},"credentials":{"password":{"config":{"password":%q}}}}`, email, password), nil, &made)
}

func same(who string) func(int) string { return func(int) string { return who } }

func TestGuessingIsSlow(t *testing.T) {
	// Long enough for all tries of a burst to arrive before it is over.
	s := Start(t, withFiles(t, map[string]string{"clients": machineFile}), Set("throttle.first_wait", "8s"))
	makePerson(t, s, "bea@example.com")
	// What differs between two answers to the same.
	varies := regexp.MustCompile(`"request":"[^"]*"|"retry_after":\d+`)

	var refused [2]string
	for i, who := range []string{"bea@example.com", "nobody@example.com"} {
		burst := []int{200, 60}[i]
		t.Run("of many wrong passwords at once five are checked, for "+who, func(t *testing.T) {
			before := hashed(t, s, "kratos")
			got := several(t, burst, same(who), s)
			checked := hashed(t, s, "kratos") - before
			statuses := byStatus(got)
			tried.Report(t, fmt.Sprintf("%d wrong passwords at once for %s", burst, who), "%d hashed; answers by status: %v", checked, statuses)
			if checked > 5 || checked == 0 || statuses[http.StatusBadRequest] > 5 || statuses[http.StatusTooManyRequests] < burst/2 {
				t.Errorf("got %d hashed and %v, want 1 to 5 and nearly all others refused", checked, statuses)
			}
			for _, one := range got {
				if one.status == http.StatusTooManyRequests {
					refused[i] = varies.ReplaceAllString(one.body, "")
					if one.after < time.Second || one.after > 15*time.Minute {
						t.Errorf("got Retry-After %s", one.after)
					}
				}
			}
		})
	}
	t.Run("who has to wait is told the same whether the account exists or not", func(t *testing.T) {
		if refused[0] == "" || refused[0] != refused[1] {
			t.Errorf("got %s\nand %s", refused[0], refused[1])
		}
	})
	t.Run("the right password works after the wait, in any spelling of the name", func(t *testing.T) {
		for deadline := time.Now().Add(time.Minute); ; {
			got := tryPassword(t, s, " Bea@Example.com", password)
			if got.status == http.StatusOK {
				return
			}
			if got.status != http.StatusTooManyRequests || time.Now().After(deadline) {
				t.Fatalf("got %d after %s: %s", got.status, got.took, got.body)
			}
			<-time.After(got.after)
		}
	})
	t.Run("a browser is shown a page that says when", func(t *testing.T) {
		b := NewBrowser(t)
		for range 12 {
			b.Open(s.URLs.UI + "/login")
			b.Submit("form", map[string]string{"identifier": "cleo@example.com", "password": "wrong-wrong-wrong", "method": "password"})
			if b.Status == http.StatusTooManyRequests {
				if text := b.Page.Text("main"); !strings.Contains(text, "The next try is possible in") {
					t.Errorf("got %s", text)
				}
				return
			}
		}
		t.Errorf("got %d after twelve wrong passwords", b.Status)
	})
	t.Run("a token costs the throttle no statement, and a wrong secret brings waits", func(t *testing.T) {
		const statements = "identityd_throttle_statements_total"
		ask := func(secret string) try {
			return postTry(t, s.URLs.Hydra+"/oauth2/token", "application/x-www-form-urlencoded", url.Values{
				"grant_type": {"client_credentials"}, "client_id": {"machine"}, "client_secret": {secret},
			}.Encode())
		}
		before := counter(t, s, statements)
		for range 20 {
			if got := ask("machine-secret-machine-secret"); got.status != http.StatusOK {
				t.Fatalf("got %d: %s", got.status, got.body)
			}
		}
		good := counter(t, s, statements) - before
		var wrong []int
		for range 7 {
			wrong = append(wrong, ask("wrong").status)
		}
		tried.Report(t, "20 tokens with the right client secret, then 7 tries with a wrong one", "%d statements for the right ones; answers to the others: %v", good, wrong)
		if good != 0 || wrong[0] != http.StatusUnauthorized || wrong[6] != http.StatusTooManyRequests {
			t.Errorf("got %d statements and %v", good, wrong)
		}
	})
}

// TestUnreservedAttemptsOvertakeTheCount shows that the test above would notice.
func TestUnreservedAttemptsOvertakeTheCount(t *testing.T) {
	s := Start(t, Without("reserving attempts"), Without("even logins"))
	makePerson(t, s, "bea@example.com")
	before := hashed(t, s, "kratos")
	got := several(t, 40, same("bea@example.com"), s)
	checked := hashed(t, s, "kratos") - before
	tried.Report(t, "40 wrong passwords at once, counted afterwards", "%d hashed; answers by status: %v", checked, byStatus(got))
	if checked <= 5 {
		t.Errorf("got %d hashed: the test above proves nothing", checked)
	}
	t.Run("and the time of a refusal tells who is known", func(t *testing.T) {
		known, unknown := refusalTimes(t, s)
		tried.Report(t, "wrong passwords and unknown names, without the floor", "medians %s and %s", known, unknown)
		if known < 2*unknown {
			t.Errorf("got medians %s and %s: TestUnknownPeopleTakeAsLong proves nothing", known, unknown)
		}
	})
}

func TestUnknownPeopleTakeAsLong(t *testing.T) {
	s := Start(t)
	var known, unknown time.Duration
	for round := range 3 { // a busy machine may delay one of them by a whole step
		known, unknown = refusalTimes(t, s, round)
		if ratio := float64(known) / float64(unknown); ratio > 0.7 && ratio < 1.4 {
			tried.Report(t, "wrong passwords and unknown names, one after the other", "medians %s and %s", known, unknown)
			return
		}
	}
	t.Errorf("got medians %s and %s", known, unknown)
}

// refusalTimes returns the medians of how long a wrong password and an unknown name take.
func refusalTimes(t *testing.T, s *Stack, round ...int) (known, unknown time.Duration) {
	t.Helper()
	const n = 8
	var times [2][]time.Duration
	for i := range n {
		someone := fmt.Sprintf("known%d-%v@example.com", i, len(round) > 0 && round[0] > 0)
		if len(round) == 0 || round[0] < 2 {
			makePerson(t, s, someone)
		}
		for kind, who := range []string{someone, "un" + someone} {
			got := tryPassword(t, s, who, "wrong-wrong-wrong")
			if got.status != http.StatusBadRequest {
				t.Fatalf("got %d: %s", got.status, got.body)
			}
			times[kind] = append(times[kind], got.took)
		}
	}
	for kind := range times {
		slices.Sort(times[kind])
	}
	return times[0][n/2], times[1][n/2]
}

// TestReplicasShareTheThrottle sends the tries to two processes in turn.
func TestReplicasShareTheThrottle(t *testing.T) {
	d := newDatabases(t, pgtest.Shared(t))
	wait := Set("throttle.first_wait", "20s")
	a, b := d.start(t, wait), d.start(t, wait)
	makePerson(t, a, "bea@example.com")
	before := hashed(t, a, "kratos") + hashed(t, b, "kratos")
	got := several(t, 60, same("bea@example.com"), a, b)
	checked := hashed(t, a, "kratos") + hashed(t, b, "kratos") - before
	tried.Report(t, "60 wrong passwords at once at two processes with one database", "%d hashed by both together; answers by status: %v", checked, byStatus(got))
	if checked > 5 || checked == 0 {
		t.Errorf("got %d hashed, want 1 to 5", checked)
	}
	t.Run("a success takes its rows back", func(t *testing.T) {
		makePerson(t, a, "cleo@example.com")
		for range 8 {
			if got := tryPassword(t, b, "cleo@example.com", password); got.status != http.StatusOK {
				t.Fatalf("got %d: %s", got.status, got.body)
			}
		}
	})
}
