package stacktest

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// fewer are the values that a short run has.
func fewer() map[string]string {
	all, out := hostileValues(), map[string]string{}
	for _, what := range []string{"nothing", "a null byte", "a line end", "markup", "another site", "a quote", "a huge number", "no UTF-8", "something long"} {
		out[what] = all[what]
	}
	return out
}

// hostileValues mean something to some layer: a file system, a header, HTML, SQL, a
// template, a number, a browser's address bar.
func hostileValues() map[string]string {
	return map[string]string{
		"nothing":         "",
		"a null byte":     "a\x00b",
		"a line end":      "a\r\nX-Injected: 1\r\n\r\n<b>",
		"a parent":        "../../../../etc/passwd",
		"an encoded one":  "%2e%2e%2fetc%2fpasswd",
		"markup":          `"'><script>alert(7)</script><img src=x onerror=alert(7)>`,
		"an own scheme":   "javascript:alert(7)//",
		"another site":    "https://evil.example/",
		"a bare one":      "//evil.example/%2f..",
		"a backslash":     `/\evil.example`,
		"a quote":         `' OR '1'='1'; DROP TABLE identities; --`,
		"a template":      "{{7*7}}${7*7}<%=7*7%>%s%n%x",
		"a huge number":   "99999999999999999999999999999999",
		"a negative one":  "-1",
		"no UTF-8":        "\xff\xfe\xc0\xaf",
		"hidden letters":  "\u202eadmin\u200b\ufeff\u2028",
		"something long":  strings.Repeat("A", 9000),
		"a JSON document": `{"a":[1,null,{"$ref":"file:///etc/passwd"}]}`,
		"an id":           "00000000-0000-0000-0000-000000000000",
	}
}

// params are the parameters that any address reads, the engines' and ours.
func hostileParams() []string {
	return []string{
		"flow", "login_challenge", "consent_challenge", "logout_challenge", "logout_verifier", "login_verifier", "consent_verifier", "return_to", "id", "token",
		"code", "state", "error", "error_hint", "error_description", "error_debug", "page_token", "page_size", "per_page", "page", "aal", "refresh", "via",
		"organization", "login_hint", "client_id", "redirect_uri", "scope", "response_type", "response_mode", "request", "prompt", "nonce", "max_age",
		"claims", "acr_values", "ui_locales", "code_challenge", "code_challenge_method", "post_logout_redirect_uri", "id_token_hint", "after", "lang", "t", "app",
		"to", "init_code", "return_session_token_exchange_code", "provider", "everywhere", "restart", "case", "kind", "expand", "tokenize_as",
	}
}

// shot is one request of the crawl.
type shot struct {
	what, method, path, query, kind, body string
	header                                map[string]string
}

func (s shot) String() string {
	short := func(text string) string { return fmt.Sprintf("%.120q", text) }
	return fmt.Sprintf("%s: %s %s ?%s %s %s", s.what, s.method, short(s.path), short(s.query), s.kind, short(s.body))
}

// crawler sends shots to one listener, whatever its name, and judges the answers.
type crawler struct {
	origin *url.URL
	client *http.Client
	folder string // of the stack's data, which no answer may name

	mu      sync.Mutex
	status  map[int]int
	slowest time.Duration
	faults  map[string][]string
}

// crawlBound is how long an answer may take on a machine with much to do.
const crawlBound = 30 * time.Second

func newCrawler(origin, address, folder string, tlsConfig *tls.Config) (*crawler, error) {
	at, err := url.Parse(origin)
	if err != nil {
		return nil, err
	}
	transport := &http.Transport{
		TLSClientConfig: tlsConfig, MaxIdleConnsPerHost: 8,
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, address)
		},
	}
	return &crawler{
		origin: at, folder: folder, status: map[int]int{}, faults: map[string][]string{},
		client: &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}, nil
}

// run sends all of them, a few at once.
func (c *crawler) run(ctx context.Context, shots []shot, cookie string) {
	todo := make(chan shot)
	var crew sync.WaitGroup
	for range 6 {
		crew.Go(func() {
			for s := range todo {
				c.fire(ctx, s, cookie)
			}
		})
	}
	for _, s := range shots {
		todo <- s
	}
	close(todo)
	crew.Wait()
	c.client.CloseIdleConnections()
}

func (c *crawler) fire(ctx context.Context, s shot, cookie string) {
	ctx, cancel := context.WithTimeout(ctx, crawlBound)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, s.method, c.origin.String(), strings.NewReader(s.body))
	if err != nil {
		return // a method that the client does not send; the raw shots have those
	}
	// As written: no library may tidy it up on the way.
	req.URL.Opaque, req.URL.RawQuery = s.path, s.query
	if s.kind != "" {
		req.Header.Set("Content-Type", s.kind)
	}
	if cookie != "" {
		req.Header.Set("Cookie", cookie)
	}
	for name, value := range s.header {
		if name == "Host" {
			req.Host = value
			continue
		}
		req.Header.Set(name, value)
	}
	start := time.Now()
	res, err := c.client.Do(req)
	if err != nil {
		if !strings.Contains(err.Error(), "invalid header") && !strings.Contains(err.Error(), "invalid method") {
			c.fault("got no answer", s, err.Error())
		}
		return
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 4<<20))
	if err != nil {
		c.fault("the answer broke off", s, err.Error())
		return
	}
	c.judge(s, res, string(body), time.Since(start))
}

func (c *crawler) fault(kind string, s shot, detail string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults[kind] = append(c.faults[kind], fmt.Sprintf("%s -> %.300s", s, detail))
}

// telltales are traces of what is behind an answer: SQL, addresses of sources, panics, other people's errors.
var telltales = regexp.MustCompile(`SQLSTATE|(?i:sql: |no such table|syntax error at|near ".*": syntax)|\bSELECT .+ FROM\b|\bINSERT INTO\b|goroutine \d+ \[|` +
	`[a-z0-9_/]+\.go:\d+|runtime error:|panic:|\bpgx\b|sqlite3?[_. ]|root:x:0:0|49\$\{|connection refused`)

func (c *crawler) judge(s shot, res *http.Response, body string, took time.Duration) {
	c.mu.Lock()
	c.status[res.StatusCode]++
	c.slowest = max(c.slowest, took)
	c.mu.Unlock()
	if res.StatusCode >= http.StatusInternalServerError {
		c.fault(fmt.Sprintf("answered %d", res.StatusCode), s, body)
	}
	if found := telltales.FindString(body); found != "" {
		c.fault("tells what is behind it", s, found+" in "+body)
	}
	if strings.Contains(body, c.folder) {
		c.fault("names the folder of the data", s, body)
	}
	if res.StatusCode == http.StatusExpectationFailed || res.StatusCode == http.StatusBadRequest && strings.HasPrefix(body, "400 Bad Request") {
		return // by net/http, before any handler
	}
	html := strings.HasPrefix(res.Header.Get("Content-Type"), "text/html")
	if html && (strings.Contains(body, "<script>alert(7)") || strings.Contains(body, "<img src=x")) {
		c.fault("gives markup back as markup", s, body)
	}
	if res.Header.Get("X-Injected") != "" {
		c.fault("was given a header", s, res.Header.Get("X-Injected"))
	}
	if to, err := res.Location(); err == nil && res.StatusCode < 400 && (strings.HasSuffix(to.Hostname(), "evil.example") || to.Scheme == "javascript") {
		c.fault("leads to another site", s, to.String())
	}
	for _, cookie := range res.Cookies() {
		if strings.Contains(cookie.Domain, "evil") || c.origin.Scheme == "https" && !cookie.Secure {
			c.fault("sets a cookie that others get", s, cookie.String())
		}
	}
	for _, name := range c.missing(res, html) {
		c.fault("lacks "+name, s, fmt.Sprint(res.StatusCode, res.Header))
	}
}

// missing are the headers that every answer has to have.
func (c *crawler) missing(res *http.Response, html bool) []string {
	if strings.HasPrefix(res.Request.URL.Opaque, "/health/") {
		return nil // for probes, in front of everything: no page and no browser
	}
	want := map[string]string{"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY"}
	if c.origin.Scheme == "https" {
		want["Strict-Transport-Security"] = "max-age="
	}
	if html && (res.StatusCode < 300 || res.StatusCode >= 400) { // nobody sees what stands in a redirect
		want["Content-Security-Policy"] = "default-src 'none'"
	}
	var out []string
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if !strings.Contains(res.Header.Get(name), want[name]) {
			out = append(out, name)
		}
	}
	// A picture may have styles in it: it is shut in by the rest of its policy.
	if policy := res.Header.Get("Content-Security-Policy"); html && strings.Contains(policy, "unsafe-") {
		out = append(out, "a policy without unsafe")
	}
	return out
}
