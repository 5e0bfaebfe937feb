package stacktest

import (
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/pgtest"
)

// pairOf starts two replicas on PostgreSQL behind a balancer. Each can be asked at its own listeners, too.
func pairOf(t *testing.T, opts ...Option) (a, b *Stack) {
	t.Helper()
	public := Ports(t, 3)
	at := func(ln net.Listener) string {
		return "http://localhost:" + strconv.Itoa(ln.Addr().(*net.TCPAddr).Port)
	}
	opts = append(append(onPostgres(t, pgtest.Shared(t)), opts...),
		Set("urls.ui", at(public[0])), Set("urls.hydra", at(public[1])), Set("urls.kratos", at(public[2])))
	a, b = Start(t, opts...), Start(t, opts...)
	for i, name := range []string{"ui", "hydra_public", "kratos_public"} {
		Proxy(t, public[i], Authority{}, "http://"+a.Address(name), "http://"+b.Address(name))
	}
	return a, b
}

// eventually polls what another replica learns within seconds.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for range 600 {
		if is() {
			return
		}
		<-tick.C
	}
	t.Errorf("%s: not within a minute", what)
}

// crossed is what a page of another origin is told.
type crossed struct{ Origin, Credentials, Vary string }

func crossedOf(h http.Header) crossed {
	return crossed{h.Get("Access-Control-Allow-Origin"), h.Get("Access-Control-Allow-Credentials"), strings.Join(h.Values("Vary"), ", ")}
}

// TestPagesOfClientsMayCall makes, changes and removes clients while two replicas serve.
func TestPagesOfClientsMayCall(t *testing.T) {
	a, b := pairOf(t)
	const app, stranger = "https://spa.example.com", "https://stranger.example.com"
	hydra := func(s *Stack) string { return "http://" + s.Address("hydra_public") }
	kratos := func(s *Stack) string { return "http://" + s.Address("kratos_public") }
	allowed := func(target, origin string) bool { return preflight(t, target, origin) == origin }

	if allowed(hydra(a)+"/oauth2/token", app) || allowed(hydra(b)+"/oauth2/token", app) {
		t.Fatal("an origin of nobody may call")
	}
	var made struct {
		ID string `json:"client_id"`
	}
	call(t, http.MethodPost, a.URLs.HydraAdmin+"/admin/clients", "application/json",
		`{"client_name":"spa","token_endpoint_auth_method":"none","allowed_cors_origins":["`+app+`"]}`, nil, &made)

	endpoints := []string{"/oauth2/token", "/oauth2/revoke", "/userinfo", "/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/.well-known/jwks.json"}
	t.Run("a client's origin may call at once where it was made", func(t *testing.T) {
		for _, path := range endpoints {
			if !allowed(hydra(a)+path, app) || allowed(hydra(a)+path, stranger) {
				t.Errorf("%s: the client's origin has to be let in, and no other", path)
			}
		}
		if !allowed(kratos(a)+"/sessions/whoami", app) {
			t.Error("whoami refuses it")
		}
	})
	t.Run("another replica follows", func(t *testing.T) {
		eventually(t, "the origin may call", func() bool {
			return allowed(hydra(b)+"/oauth2/token", app) && allowed(kratos(b)+"/sessions/whoami", app)
		})
	})
	t.Run("answers say what browsers and caches need, and cookies count at whoami alone", func(t *testing.T) {
		for path, want := range map[string]crossed{
			"/.well-known/openid-configuration": {app, "", "Accept-Encoding, Origin"}, "/userinfo": {app, "", "Origin"},
		} {
			if diff := cmp.Diff(want, crossedOf(bare(t, http.MethodGet, hydra(a)+path, "Origin", app).header)); diff != "" {
				t.Errorf("%s: %s", path, diff)
			}
			if got := crossedOf(bare(t, http.MethodGet, hydra(a)+path, "Origin", stranger).header); got.Origin != "" || !strings.Contains(got.Vary, "Origin") {
				t.Errorf("%s of a stranger: got %+v", path, got)
			}
		}
		got := crossedOf(bare(t, http.MethodGet, kratos(a)+"/sessions/whoami", "Origin", app).header)
		if got.Origin != app || got.Credentials != "true" || !strings.Contains(got.Vary, "Origin") {
			t.Errorf("whoami: got %+v", got)
		}
	})
	t.Run("scripts read the id of the request and the code of a refusal, and send their trace along", func(t *testing.T) {
		for _, target := range []string{hydra(a) + "/userinfo", kratos(a) + "/sessions/whoami"} {
			got := bare(t, http.MethodGet, target, "Origin", app).header
			for _, name := range []string{"X-Request-Id", "X-Error-Code"} {
				if got.Get(name) == "" || !strings.Contains(got.Get("Access-Control-Expose-Headers"), name) {
					t.Errorf("%s: %s is %q, and exposed are %q", target, name, got.Get(name), got.Get("Access-Control-Expose-Headers"))
				}
			}
			got = bare(t, http.MethodOptions, target, "Origin", app, "Access-Control-Request-Method", "GET",
				"Access-Control-Request-Headers", "authorization,traceparent,tracestate").header
			if got.Get("Access-Control-Allow-Origin") != app || got.Get("Access-Control-Allow-Headers") == "" {
				t.Errorf("%s: a request with traceparent and tracestate is not let in: %v", target, got)
			}
		}
	})
	t.Run("no other door of Kratos opens for it", func(t *testing.T) {
		for _, path := range []string{"/self-service/login/browser", "/self-service/settings/browser", "/sessions"} {
			if allowed(kratos(a)+path, app) {
				t.Errorf("%s lets a client's origin in", path)
			}
		}
	})
	t.Run("a refused page is in the log with the key to set", func(t *testing.T) {
		var lines []string
		for line := range strings.Lines(a.Log.String()) {
			if strings.Contains(line, `"a page of another origin was refused"`) && strings.Contains(line, `"origin":"`+stranger+`","path":"/oauth2/token"`) {
				lines = append(lines, line)
			}
		}
		if len(lines) != 1 || !strings.Contains(lines[0], "clients[].origins") || !strings.Contains(lines[0], "identityd client explain ID --origin "+stranger) {
			t.Errorf("got %q, want one line with the cure", lines)
		}
	})
	t.Run("a client that is gone takes its origin along", func(t *testing.T) {
		if got := status(t, http.MethodDelete, b.URLs.HydraAdmin+"/admin/clients/"+made.ID); got != http.StatusNoContent {
			t.Fatalf("got %d", got)
		}
		if allowed(hydra(b)+"/oauth2/token", app) {
			t.Error("the replica that removed it lets it in")
		}
		eventually(t, "the origin is gone at the other replica", func() bool {
			return !allowed(hydra(a)+"/oauth2/token", app) && !allowed(kratos(a)+"/sessions/whoami", app)
		})
	})
	metadataOfTheServer(t, a)
}

// metadataOfTheServer holds RFC 8414 against the discovery document.
func metadataOfTheServer(t *testing.T, s *Stack) {
	t.Run("the metadata of RFC 8414 say what the discovery document says", func(t *testing.T) {
		public := "http://" + s.Address("hydra_public")
		var found, server map[string]any
		get(t, public+"/.well-known/openid-configuration", &found)
		for _, path := range []string{"/.well-known/oauth-authorization-server", "/.well-known/oauth-authorization-server/"} {
			if got := get(t, public+path, &server); got != http.StatusOK {
				t.Fatalf("%s: got %d", path, got)
			}
		}
		want := map[string]any{}
		for _, word := range []string{
			"issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "scopes_supported", "response_types_supported", "response_modes_supported",
			"grant_types_supported", "token_endpoint_auth_methods_supported", "revocation_endpoint", "userinfo_endpoint", "end_session_endpoint",
			"authorization_response_iss_parameter_supported",
		} {
			if want[word] = found[word]; found[word] == nil {
				t.Errorf("discovery lacks %s", word)
			}
		}
		algs := []any{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"}
		want["code_challenge_methods_supported"] = []any{"S256"}
		want["token_endpoint_auth_signing_alg_values_supported"] = algs
		want["revocation_endpoint_auth_signing_alg_values_supported"] = algs
		want["revocation_endpoint_auth_methods_supported"] = found["token_endpoint_auth_methods_supported"]
		if diff := cmp.Diff(want, server); diff != "" {
			t.Error(diff)
		}
		if got := get(t, public+"/.well-known/oauth-authorization-server/elsewhere", nil); got != http.StatusNotFound {
			t.Errorf("the metadata of another issuer: got %d", got)
		}
		if got := bare(t, http.MethodGet, public+"/.well-known/oauth-authorization-server", "Accept-Encoding", "gzip").header.Get("Content-Encoding"); got != "gzip" {
			t.Errorf("got Content-Encoding %q", got)
		}
	})
}
