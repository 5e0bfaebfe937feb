package stacktest

import (
	"bufio"
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"example.com/identityd/internal/audit"
	"example.com/identityd/internal/pgtest"
	closedlists "example.com/identityd/internal/tally"
)

// sample is a line of /metrics.
type sample struct {
	name   string
	labels map[string]string
	value  float64
}

// series is what tells a sample from all others.
func (s sample) series() string {
	var pairs []string
	for _, k := range slices.Sorted(maps.Keys(s.labels)) {
		pairs = append(pairs, k+"="+strconv.Quote(s.labels[k]))
	}
	return s.name + "{" + strings.Join(pairs, ",") + "}"
}

// scrape reads /metrics, and returns it as it came too.
func scrape(t *testing.T, s *Stack) (samples []sample, raw string) {
	t.Helper()
	status, raw := fetch(t, http.DefaultClient, http.MethodGet, s.URLs.Ops+"/metrics", "")
	if status != http.StatusOK {
		t.Fatalf("got %d: %s", status, raw)
	}
	line := regexp.MustCompile(`^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$`)
	label := regexp.MustCompile(`([a-zA-Z_]+)="((?:[^"\\]|\\.)*)"`)
	for lines := bufio.NewScanner(strings.NewReader(raw)); lines.Scan(); {
		if strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		m := line.FindStringSubmatch(lines.Text())
		if m == nil {
			t.Fatalf("a line that is none: %s", lines.Text())
		}
		one := sample{name: m[1], labels: map[string]string{}}
		for _, l := range label.FindAllStringSubmatch(m[2], -1) {
			one.labels[l[1]] = l[2]
		}
		var err error
		if one.value, err = strconv.ParseFloat(m[3], 64); err != nil {
			t.Fatal(err)
		}
		samples = append(samples, one)
	}
	return samples, raw
}

// total sums up the samples of a name whose labels have these values.
func total(samples []sample, name string, labels map[string]string) float64 {
	sum := 0.0
	for _, s := range samples {
		if s.name == name && !slices.ContainsFunc(slices.Collect(maps.Keys(labels)), func(k string) bool { return s.labels[k] != labels[k] }) {
			sum += s.value
		}
	}
	return sum
}

// bounded are all labels that a metric may have, and what their values may be: one of a list, or of a kind that no
// stranger can add to.
func bounded() map[string]func(sample, string) bool {
	of := func(list ...string) func(sample, string) bool {
		return func(_ sample, v string) bool { return slices.Contains(list, v) }
	}
	like := func(pattern string) func(sample, string) bool {
		r := regexp.MustCompile(`^(?:` + pattern + `)$`)
		return func(_ sample, v string) bool { return r.MatchString(v) }
	}
	listeners := of("gateway", "ui", "hydra_public", "kratos_public", "hydra_admin", "kratos_admin", "ops", "control")
	engines := of("hydra", "kratos")
	// Routes are made of words of ours; what follows is a star or the name of a parameter.
	route := like(`other|/|(/[.a-z0-9_-]+){1,6}(/\*)?`)
	reasons := func(s sample, v string) bool {
		switch s.name {
		case "identityd_flows_failed_total":
			return slices.Contains(closedlists.Reasons(), v)
		case "identityd_tokens_refused_total":
			return slices.Contains(closedlists.Refusals(), v)
		}
		return slices.Contains([]string{"client", "listener", "drift", "held_back"}, v)
	}
	return map[string]func(sample, string) bool{
		"app": engines, "engine": engines, "database": engines, "db_name": of("hydra", "kratos", "identityd"),
		"buildTime": like(`[0-9TZ:.-]*|undefined|unknown`), "hash": like(`[0-9a-z]*`), "version": like(`[0-9A-Za-z.+-]*`),
		"go": like(`go1\.[0-9.]+.*`), "hydra": like(`v[0-9].*|unknown`), "kratos": like(`v[0-9].*|unknown`), "revision": like(`[0-9a-f]*|unknown`),
		"code": like(`[1-5]xx|[1-5][0-9][0-9]|aborted`), "status_bucket": like(`[1-5]xx|unknown`),
		"method": func(s sample, v string) bool {
			if s.name == "identityd_flows_completed_total" {
				return slices.Contains(closedlists.Methods(), v)
			}
			return slices.Contains([]string{"get", "head", "post", "put", "patch", "delete", "options", "connect", "trace", "notify", "unknown", "other"}, strings.ToLower(v))
		},
		"endpoint": like(`\{unmatched\}|/|(/([.a-z0-9_-]+|\{param\})){1,9}/?`),
		"listener": listeners, "part": of("", "hydra", "kratos", "ui"), "route": route,
		"flow": of(closedlists.Flows()...), "stage": of(closedlists.Stages()...), "grant": of(closedlists.Grants()...), "reason": reasons,
		"name":    of(slices.Collect(maps.Keys(audit.Kinds()))...),
		"outcome": of("hit", "miss", "repeated", "recovered", "abandoned", "sent", "failed", "given_up", "full", "crowded"),
		"kind":    of("login", "mail", "form", "client", "identity", "cookie", "system", "cipher", "private", "address", "redirect", "airgap", "scheme"),
		"state":   of("queued", "sending", "abandoned"), "lease": of("start", "courier", "regions", "janitor", "secrets"),
		"caller":    like(`[A-Za-z0-9_./()*\[\]-]+`), // the functions of the engines that run a transaction
		"table":     like(`[a-z0-9_]+`),
		"cert_file": like(`/.*`), // as many as the file names
		"le":        like(`\+Inf|[0-9.e+-]+`), "quantile": like(`[0-9.]+`),
	}
}

func holdLabels(t *testing.T, samples []sample) {
	t.Helper()
	kinds := bounded()
	for _, s := range samples {
		for name, value := range s.labels {
			if holds, known := kinds[name]; !known {
				t.Errorf("%s has a label %s that nobody said what may be in", s.name, name)
			} else if !holds(s, value) {
				t.Errorf("%s: %s=%q is no value of the list", s.name, name, value)
			}
		}
	}
}

// answerByAPI begins a flow of Kratos' API and answers it.
func answerByAPI(t testing.TB, s *Stack, c *http.Client, kind, agent, body string) int {
	t.Helper()
	send := func(method, address, body string) (int, []byte, error) {
		req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
		if err != nil {
			return 0, nil, err
		}
		req.Header.Set("Accept", "application/json")
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("User-Agent", agent)
		res, err := c.Do(req)
		if err != nil {
			return 0, nil, err
		}
		defer res.Body.Close()
		var out bytes.Buffer
		_, err = out.ReadFrom(res.Body)
		return res.StatusCode, out.Bytes(), err
	}
	_, raw, err := send(http.MethodGet, s.URLs.Kratos+"/self-service/"+kind+"/api", "")
	if err != nil {
		t.Error(err)
		return 0
	}
	id := regexp.MustCompile(`"id":"([0-9a-f-]{36})"`).FindSubmatch(raw)
	if id == nil {
		return 0 // turned away
	}
	status, _, err := send(http.MethodPost, s.URLs.Kratos+"/self-service/"+kind+"?flow="+string(id[1]), body)
	if err != nil {
		t.Error(err)
		return 0
	}
	return status
}

// strangers send what nobody sent before: people, clients, paths, programs, methods, ids of requests.
func strangers(t *testing.T, s *Stack, from, to int) {
	t.Helper()
	c := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	numbers := make(chan int)
	var working sync.WaitGroup
	for range 8 {
		working.Go(func() {
			for n := range numbers {
				stranger(t, s, c, n)
			}
		})
	}
	for n := from; n < to; n++ {
		numbers <- n
	}
	close(numbers)
	working.Wait()
	c.CloseIdleConnections()
}

func stranger(t *testing.T, s *Stack, c *http.Client, n int) {
	id := fmt.Sprintf("stranger-%d", n)
	ask := func(method, address, kind, body string) {
		req, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
		if err != nil {
			t.Error(err)
			return
		}
		req.Header.Set("User-Agent", id)
		req.Header.Set("X-Request-Id", id)
		req.Header.Set("Content-Type", kind)
		res, err := c.Do(req)
		if err != nil {
			t.Error(err)
			return
		}
		res.Body.Close()
	}
	const form, typed = "application/x-www-form-urlencoded", "application/json"
	ask(http.MethodGet, s.URLs.UI+"/"+id, "", "")
	ask(fmt.Sprintf("M%d", n), s.URLs.UI+"/login/"+id, "", "")
	ask(http.MethodGet, s.URLs.Hydra+"/oauth2/auth?response_type=code&client_id="+id+"&state="+id+id, "", "")
	ask(http.MethodGet, s.URLs.Kratos+"/self-service/"+id+"/browser", "", "")
	ask(http.MethodPost, s.URLs.Hydra+"/oauth2/token", form, url.Values{"grant_type": {id}, "client_id": {id}, "client_secret": {id}}.Encode())
	ask(http.MethodPost, s.URLs.Hydra+"/oauth2/token", form, url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {id}}.Encode())
	ask(http.MethodPost, s.URLs.KratosAdmin+"/admin/identities", typed, `{"schema_id":"email@1","traits":{"email":"`+id+`@example.com"}}`)
	ask(http.MethodGet, s.URLs.KratosAdmin+"/admin/identities/"+id, "", "")
	ask(http.MethodPost, s.URLs.HydraAdmin+"/admin/clients", typed, `{"client_id":"`+id+`","token_endpoint_auth_method":"none","redirect_uris":["http://127.0.0.1/`+id+`"]}`)
	if n%10 != 0 { // a password that is hashed takes longer than all of the others
		return
	}
	answerByAPI(t, s, c, "login", id, `{"method":"password","identifier":"`+id+`@example.com","password":"wrong-`+id+`"}`)
	answerByAPI(t, s, c, "recovery", id, `{"method":"code","email":"`+id+`@example.org"}`)
}

// seriesOf are all but those of the janitor, which are there once it ran, one for each table.
func seriesOf(samples []sample) map[string]bool {
	out := map[string]bool{}
	for _, s := range samples {
		if !strings.HasPrefix(s.name, "identityd_janitor_") {
			out[s.series()] = true
		}
	}
	return out
}

// TestMonitoring takes people and strangers to one stack, and looks at what it tells.
func TestMonitoring(t *testing.T) {
	server := pgtest.Start(t)
	s := Start(t, onPostgres(t, server)...)
	p := startPrometheus(t, s)
	p.awaits(t, `identityd_ready{job="identityd"} == 1`) // what happens before the first scrape is no rate
	s.Journey(t, client, 3)
	if got := answerByAPI(t, s, http.DefaultClient, "login", "test", `{"method":"password","identifier":"nobody@example.com","password":"wrong"}`); got != http.StatusBadRequest {
		t.Fatalf("a wrong password: got %d, want 400", got)
	}
	samples, raw := scrape(t, s)

	t.Run("what people did is counted", func(t *testing.T) { holdCounts(t, samples) })
	t.Run("every label has a bounded number of values", func(t *testing.T) { holdLabels(t, samples) })
	t.Run("promtool finds nothing wrong with what is ours", func(t *testing.T) { lintMetrics(t, raw) })
	t.Run("dashboard and rules are asked of a real Prometheus", func(t *testing.T) { p.holds(t, samples) })
	t.Run("metrics are few whoever comes", func(t *testing.T) {
		n := 100
		if os.Getenv(LongVariable) != "" {
			n = 10_000
		}
		strangers(t, s, 0, n/3)
		before, _ := scrape(t, s)
		strangers(t, s, n/3, n)
		after, _ := scrape(t, s)
		holdLabels(t, after)
		was, is := seriesOf(before), seriesOf(after)
		t.Logf("%d series after %d strangers, %d after %d", len(was), n/3, len(is), n)
		for series := range is {
			if strings.Contains(series, "stranger") {
				t.Errorf("what a stranger sent is in %s", series)
			}
			if !was[series] {
				t.Errorf("new: %s", series)
			}
		}
		if asked := total(after, "identityd_http_requests_total", nil); asked < float64(9*n) {
			t.Errorf("got %v requests, want those of %d strangers: the test shows nothing", asked, n)
		}
	})
}

func holdCounts(t *testing.T, samples []sample) {
	t.Helper()
	for _, want := range []struct {
		name   string
		labels map[string]string
	}{
		{"identityd_flows_started_total", map[string]string{"flow": "registration"}},
		{"identityd_flows_completed_total", map[string]string{"flow": "registration"}},
		{"identityd_flows_started_total", map[string]string{"flow": "login"}},
		{"identityd_flows_completed_total", map[string]string{"flow": "login", "method": "password"}},
		{"identityd_flows_failed_total", map[string]string{"flow": "login", "reason": "wrong_credentials"}},
		{"identityd_flows_started_total", map[string]string{"flow": "consent"}},
		{"identityd_flows_completed_total", map[string]string{"flow": "consent"}},
		{"identityd_sign_ins_total", map[string]string{"stage": "began"}},
		{"identityd_sign_ins_total", map[string]string{"stage": "signed_in"}},
		{"identityd_sign_ins_total", map[string]string{"stage": "consented"}},
		{"identityd_sign_ins_total", map[string]string{"stage": "code"}},
		{"identityd_sign_ins_total", map[string]string{"stage": "tokens"}},
		{"identityd_tokens_issued_total", map[string]string{"grant": "authorization_code"}},
		{"identityd_http_requests_total", map[string]string{"part": "hydra", "code": "2xx"}},
		{"identityd_http_request_duration_seconds_count", map[string]string{"part": "kratos"}},
		{"identityd_courier_mails_total", map[string]string{"outcome": "sent"}},
		{"identityd_lease_held", map[string]string{"lease": "courier"}},
		{"identityd_database_up", map[string]string{"database": "hydra"}},
		{"identityd_ready", nil},
		{"identityd_build_info", nil},
		{"identityd_config_in_force_timestamp_seconds", nil},
	} {
		if total(samples, want.name, want.labels) == 0 {
			t.Errorf("%s%v is 0 or not there", want.name, want.labels)
		}
	}
	stages := closedlists.Stages()
	for i := range stages[1:] {
		earlier := total(samples, "identityd_sign_ins_total", map[string]string{"stage": stages[i]})
		later := total(samples, "identityd_sign_ins_total", map[string]string{"stage": stages[i+1]})
		if later > earlier {
			t.Errorf("more sign-ins reached %s (%v) than %s (%v)", stages[i+1], later, stages[i], earlier)
		}
	}
	if down := total(samples, "identityd_panics_total", nil); down != 0 {
		t.Errorf("%v panics", down)
	}
}

// lintMetrics asks promtool what it thinks of the names. The engines' own have a label in camel case, as upstream.
func lintMetrics(t *testing.T, raw string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), prometheusTool(t, "promtool"), "check", "metrics")
	cmd.Stdin = strings.NewReader(raw)
	out, _ := cmd.CombinedOutput() // a finding is an error
	for line := range strings.Lines(string(out)) {
		if !strings.HasPrefix(line, "http_") {
			t.Error(strings.TrimSpace(line))
		}
	}
}
