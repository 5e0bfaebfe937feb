package stacktest

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.com/identityd/internal/tried"
)

// askedOf are paths of every part and every kind of answer: pages, redirects, documents, programs' endpoints,
// what needs a sign-in, what is not there.
func askedOf() []string {
	return []string{
		"/", "/login", "/registration", "/recovery", "/verification", "/settings", "/consent", "/consent?consent_challenge=a", "/logout?logout_challenge=a",
		"/error?id=a", "/error?error=invalid_request", "/account/", "/account/sessions", "/account/signed-out", "/account/inbox", "/nothing", "/assets/none",
		"/robots.txt", "/favicon.ico", "/health/alive", "/health/ready",
		"/oauth2/auth", "/oauth2/auth?client_id=none&response_type=code", "/oauth2/token", "/oauth2/revoke", "/oauth2/introspect", "/oauth2/register", "/userinfo",
		"/credentials", "/oauth2/sessions/logout", "/oauth2/nothing", "/.well-known/openid-configuration", "/.well-known/jwks.json", "/.well-known/nothing",
		"/.well-known/change-password", "/oauth2/fallbacks/login", "/oauth2/fallbacks/consent", "/oauth2/fallbacks/error?error=%3Cb%3Ex", "/oauth2/fallbacks/logout",
		"/oauth2//fallbacks/logout/callback",
		"/sessions/whoami", "/self-service/login/browser", "/self-service/login/browser?return_to=https://evil.example", "/self-service/login/flows?id=a", "/self-service/errors?id=stub:500",
		"/self-service/errors?id=a", "/self-service/methods/oidc/callback/a", "/self-service/logout/browser", "/.well-known/ory/webauthn.js", "/schemas", "/schemas/none",
		"/admin/identities", "/admin/identities/none", "/admin/clients", "/admin/clients/none", "/metrics", "/version",
	}
}

var nonce = regexp.MustCompile(`'(sha256|nonce)-[^']+'`)

// faults returns what is wrong with the headers of an answer.
func faults(listener string, r received) []string {
	var out []string
	want := map[string]string{
		"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin",
	}
	if public(listener) {
		want["Strict-Transport-Security"] = "max-age=31536000"
	}
	for name, value := range want {
		if got := r.header.Values(name); len(got) != 1 || got[0] != value {
			out = append(out, fmt.Sprintf("%s is %q, want %q", name, got, value))
		}
	}
	policy := strings.Join(r.header.Values("Content-Security-Policy"), "|")
	for _, directive := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"} {
		if !strings.Contains(policy, directive) {
			out = append(out, fmt.Sprintf("the policy lacks %s: %q", directive, policy))
		}
	}
	if left := nonce.ReplaceAllString(policy, ""); strings.Contains(left, "unsafe-") || strings.Contains(left, "*") || strings.Contains(left, "http:") {
		out = append(out, fmt.Sprintf("the policy is loose: %q", policy))
	}
	if kept := r.header.Get("Cache-Control"); !strings.Contains(kept, "no-store") {
		out = append(out, fmt.Sprintf("Cache-Control is %q, want no-store", kept))
	}
	if r.header.Get("X-Request-Id") == "" {
		out = append(out, "no request id")
	}
	for _, name := range []string{"Server", "X-Powered-By"} {
		if got := r.header.Get(name); got != "" {
			out = append(out, name+" says "+got)
		}
	}
	slices.Sort(out)
	return out
}

// mayBePacked: files of ours and the public documents are the same for everybody. What machines ask inside is
// packed by Prometheus' own handler, and holds nothing of anybody.
func mayBePacked(listener, path string) bool {
	switch path {
	case "/favicon.ico", "/.well-known/openid-configuration", "/.well-known/jwks.json":
		return public(listener)
	case "/metrics":
		return listener == "ops"
	}
	return strings.HasPrefix(path, "/assets/")
}

func public(listener string) bool { return !strings.HasSuffix(listener, "_admin") && listener != "ops" }

// isPicture: pictures may be kept, and an SVG needs its own styles where a browser asks the policy of a
// picture for them. It is no page: it is sandboxed.
func isPicture(r received) bool {
	return r.status == http.StatusOK && r.header.Get("Content-Type") == "image/svg+xml" && strings.Contains(r.header.Get("Content-Security-Policy"), "sandbox")
}

// TestEveryAnswerHasItsHeaders walks every listener, behind a name with https.
func TestEveryAnswerHasItsHeaders(t *testing.T) {
	notOnStandIn(t, onSQLite)
	s := Start(t, Set("origin", "https://id.example.com"))
	kinds, asked := map[string]int{}, 0
	for _, listener := range []string{"gateway", "hydra_public", "kratos_public", "hydra_admin", "kratos_admin", "ops"} {
		for _, path := range askedOf() {
			for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodOptions} {
				for _, accept := range []string{"text/html", "application/json"} {
					req, err := http.NewRequestWithContext(t.Context(), method, "http://"+s.Address(listener)+path, http.NoBody)
					if err != nil {
						t.Fatal(err)
					}
					req.Header.Set("Accept", accept)
					req.Header.Set("Accept-Encoding", "gzip, deflate, br, zstd")
					if public(listener) {
						req.Host = "id.example.com"
					}
					got := exchange(t, req)
					asked++
					kinds[fmt.Sprintf("%dxx", got.status/100)]++
					if how := got.header.Get("Content-Encoding"); how != "" && !mayBePacked(listener, path) {
						t.Errorf("%s: %s %s: compressed by %s, want a length that tells of nothing (docs/adr/0054-compression.md)", listener, method, path, how)
					} else if how != "" {
						kinds["packed"]++
					}
					if isPicture(got) {
						continue
					}
					if path == "/robots.txt" && got.status == http.StatusOK {
						got.header.Set("Cache-Control", "no-store") // nothing of anybody is in it
					}
					if strings.HasPrefix(path, "/.well-known/") && got.header.Get("Cache-Control") == "public, no-cache" && got.header.Get("ETag") != "" {
						got.header.Set("Cache-Control", "no-store") // the same for everybody, and asked for again each time
					}
					if wrong := faults(listener, got); len(wrong) > 0 {
						t.Errorf("%s: %s %s for %s, %d: %s", listener, method, path, accept, got.status, strings.Join(wrong, "; "))
					}
					if strings.Contains(path, "fallbacks") && public(listener) && got.status == http.StatusOK {
						t.Errorf("%s: %s %s: got %d %s, want no page of Hydra's own", listener, method, path, got.status, got.body)
					}
				}
			}
		}
	}
	t.Run("what is refused in front of the parts has them too", func(t *testing.T) {
		for _, listener := range []string{"gateway", "hydra_public", "kratos_public", "hydra_admin", "kratos_admin", "ops"} {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+s.Address(listener)+"/oauth2/token", strings.NewReader(strings.Repeat("a", adminBound+1)))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Accept", "text/html")
			got := exchange(t, req)
			if wrong := faults(listener, got); got.status != http.StatusRequestEntityTooLarge || len(wrong) > 0 {
				t.Errorf("%s: %d: %s", listener, got.status, strings.Join(wrong, "; "))
			}
			asked++
		}
	})
	// Those of 5xx are in TestNoAnswerTellsOfTheInside.
	for _, kind := range []string{"2xx", "3xx", "4xx", "packed"} {
		if kinds[kind] == 0 {
			t.Errorf("no answer was %s, want some of each kind: %v", kind, kinds)
		}
	}
	tried.Report(t, "every listener and path, with four methods, for browsers and for programs", "%d answers (%v) looked at for nine headers", asked, kinds)
}
