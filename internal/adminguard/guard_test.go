package adminguard

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func guarded(t *testing.T, cfg Config) (http.Handler, *bytes.Buffer) {
	t.Helper()
	var log bytes.Buffer
	cfg.Log = slog.New(slog.NewTextHandler(&log, nil))
	cfg.Form = Introspects
	if cfg.Need == nil {
		cfg.Need = NeedHydra
	}
	cfg.RequestID = func(*http.Request) string { return "r-1" }
	return Middleware(cfg)(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNoContent)
	})), &log
}

// ask sends "METHOD path" with headers ("Name: value"), to 127.0.0.1:4445 unless they say otherwise.
func ask(h http.Handler, request, body string, headers ...string) *httptest.ResponseRecorder {
	method, path, _ := strings.Cut(request, " ")
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Host = "127.0.0.1:4445"
	for _, each := range headers {
		name, value, _ := strings.Cut(each, ": ")
		if name == "Host" {
			r.Host = value
			continue
		}
		r.Header.Add(name, value)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestWhatABrowserCouldBeTrickedIntoIsRefused(t *testing.T) {
	const (
		create = "POST /admin/clients"
		typed  = "Content-Type: application/json"
	)
	for name, c := range map[string]struct {
		request, body string
		headers       []string
		want          int
	}{
		"a program on this machine":                  {create, "{}", []string{typed}, 204},
		"localhost with any port":                    {create, "{}", []string{typed, "Host: localhost:1"}, 204},
		"the IPv6 loopback":                          {create, "{}", []string{typed, "Host: [::1]:4445"}, 204},
		"a name that was allowed":                    {create, "{}", []string{typed, "Host: Hydra-Admin:4445"}, 204},
		"a name that was allowed with a port":        {create, "{}", []string{typed, "Host: other:99"}, 204},
		"that name with another port":                {create, "{}", []string{typed, "Host: other:98"}, 421},
		"a name that a foreign resolver points here": {create, "{}", []string{typed, "Host: evil.example:4445"}, 421},
		"a name that begins like a loopback address": {create, "{}", []string{typed, "Host: 127.0.0.1.evil.example"}, 421},
		"no name":                      {create, "{}", []string{typed, "Host: "}, 421},
		"reading under a foreign name": {"GET /admin/clients", "", []string{"Host: evil.example"}, 421},
		"a probe that sends the address of its pod":      {"GET /health/ready", "", []string{"Host: 10.1.2.3:4445"}, 204},
		"a probe of Kratos":                              {"GET /admin/health/alive", "", []string{"Host: 10.1.2.3"}, 204},
		"a probe with a body is none":                    {"POST /health/ready", "{}", []string{typed, "Host: 10.1.2.3"}, 421},
		"a page of another site":                         {create, "{}", []string{typed, "Origin: https://evil.example"}, 403},
		"a page that hides where it comes from":          {create, "{}", []string{typed, "Origin: null"}, 403},
		"a page of the same site":                        {"GET /admin/clients", "", []string{"Sec-Fetch-Site: same-site"}, 403},
		"somebody who typed the address":                 {"GET /admin/clients", "", []string{"Sec-Fetch-Site: none"}, 204},
		"a form of another site":                         {create, "a=b", []string{"Content-Type: application/x-www-form-urlencoded"}, 415},
		"plain text, which needs no permission either":   {create, "{}", []string{"Content-Type: text/plain"}, 415},
		"JSON that says it is something else too":        {create, "{}", []string{typed, "Content-Type: text/plain"}, 415},
		"a body without a type":                          {create, "{}", nil, 415},
		"a patch":                                        {"PATCH /admin/clients/a", "[]", []string{"Content-Type: application/json-patch+json"}, 204},
		"JSON with a character set":                      {create, "{}", []string{typed + "; charset=utf-8"}, 204},
		"a deletion, which has no body":                  {"DELETE /admin/clients/a", "", nil, 204},
		"introspection, which is a form":                 {"POST /admin/oauth2/introspect", "token=a", []string{"Content-Type: application/x-www-form-urlencoded"}, 204},
		"introspection of another site":                  {"POST /admin/oauth2/introspect", "token=a", []string{"Content-Type: application/x-www-form-urlencoded", "Origin: https://evil.example"}, 403},
		"introspection as JSON, which Hydra cannot read": {"POST /admin/oauth2/introspect", "{}", []string{typed}, 415},
	} {
		t.Run(name, func(t *testing.T) {
			h, _ := guarded(t, Config{Hosts: []string{"hydra-admin", "other:99"}})
			if got := ask(h, c.request, c.body, c.headers...).Code; got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}

func TestASocketHasNoHostName(t *testing.T) {
	h, _ := guarded(t, Config{Socket: true})
	if got := ask(h, "GET /admin/clients", "", "Host: whatever").Code; got != http.StatusNoContent {
		t.Errorf("got %d, want 204", got)
	}
	if got := ask(h, "GET /admin/clients", "", "Origin: https://evil.example").Code; got != http.StatusForbidden {
		t.Errorf("got %d, want 403", got)
	}
}

func tokensOf(t *testing.T, holders ...Holder) (*Tokens, map[string]string, string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "tokens")
	secrets, lines := map[string]string{}, "# who may administer\n\n"
	for _, h := range holders {
		secret, line, err := New(h.Name, h.Scopes)
		if err != nil {
			t.Fatal(err)
		}
		secrets[h.Name] = secret
		lines += line + "\n"
	}
	if err := os.WriteFile(file, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	tokens, err := Open(file)
	if err != nil {
		t.Fatal(err)
	}
	return tokens, secrets, file
}

func TestScopesOfTokens(t *testing.T) {
	tokens, secrets, _ := tokensOf(t, Holder{"reader", []Scope{Read}}, Holder{"ci", []Scope{Clients}},
		Holder{"hr", []Scope{Identities}}, Holder{"root", []Scope{All}}, Holder{"both", []Scope{Clients, Identities}})
	hydra, _ := guarded(t, Config{Tokens: tokens, Need: NeedHydra})
	kratos, _ := guarded(t, Config{Tokens: tokens, Need: NeedKratos})
	for _, c := range []struct {
		h       http.Handler
		request string
		may     string // names
	}{
		{hydra, "GET /admin/clients", "reader ci hr root both"},
		{hydra, "DELETE /admin/clients/a", "ci root both"},
		{hydra, "DELETE /admin/x/../clients/a", "ci root both"},
		{hydra, "DELETE /admin/clientsandmore", "root"},
		{hydra, "GET /admin/keys/hydra.openid.id-token", "root"},
		{hydra, "GET /admin/clients/../keys/hydra.openid.id-token", "root"},
		{hydra, "PUT /admin/oauth2/auth/requests/login/accept", "root"},
		{hydra, "GET /admin/oauth2/auth/sessions/consent?subject=a", "reader ci hr root both"},
		{hydra, "DELETE /admin/oauth2/auth/sessions/consent?subject=a", "root"},
		{hydra, "GET /admin/a/path/of/tomorrow", "root"},
		{kratos, "GET /admin/identities", "reader ci hr root both"},
		{kratos, "GET /admin/identities/a?include_credential=password", "hr root both"},
		{kratos, "DELETE /admin/identities/a", "hr root both"},
		{kratos, "POST /admin/recovery/code", "hr root both"},
		{kratos, "DELETE /admin/sessions/a", "hr root both"},
		{kratos, "GET /admin/courier/messages", "root"},
	} {
		for name, secret := range secrets {
			want := http.StatusForbidden
			for may := range strings.FieldsSeq(c.may) {
				if may == name {
					want = http.StatusNoContent
				}
			}
			if got := ask(c.h, c.request, "", "Authorization: Bearer "+secret).Code; got != want {
				t.Errorf("%s as %s: got %d, want %d", c.request, name, got, want)
			}
		}
		for _, none := range []string{"X: y", "Authorization: Bearer", "Authorization: Bearer idadm_wrong", "Authorization: Basic " + secrets["root"]} {
			w := ask(c.h, c.request, "", none)
			if w.Code != http.StatusUnauthorized || !strings.HasPrefix(w.Header().Get("WWW-Authenticate"), "Bearer ") {
				t.Errorf("%s without a token: got %d, want 401 that names Bearer", c.request, w.Code)
			}
		}
	}
}

func TestAChangeIsLoggedWithItsAuthorAndWithoutTheToken(t *testing.T) {
	tokens, secrets, _ := tokensOf(t, Holder{"ci", []Scope{Clients}})
	h, log := guarded(t, Config{Tokens: tokens, Listener: "hydra_admin"})
	auth := "Authorization: Bearer " + secrets["ci"]
	ask(h, "GET /admin/clients", "", auth)
	ask(h, "POST /admin/oauth2/introspect", "token=a", auth, "Content-Type: application/x-www-form-urlencoded")
	if log.Len() > 0 {
		t.Errorf("reading was logged: %s", log)
	}
	ask(h, "DELETE /admin/clients/a", "", auth)
	for _, want := range []string{"by=ci", "method=DELETE", "path=/admin/clients/a", "status=204", "request_id=r-1", "listener=hydra_admin"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("got %q, want %q in it", log, want)
		}
	}
	if strings.Contains(log.String(), secrets["ci"]) {
		t.Error("the token is in the log")
	}
}

func TestACertificateIsProof(t *testing.T) {
	h, log := guarded(t, Config{Certified: true})
	if got := ask(h, "GET /admin/clients", "").Code; got != http.StatusUnauthorized {
		t.Errorf("without one: got %d, want 401", got)
	}
	r := httptest.NewRequest(http.MethodDelete, "/admin/clients/a", nil)
	r.Host = "localhost"
	cert := &x509.Certificate{Subject: pkix.Name{CommonName: "deployer"}}
	r.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{cert}, VerifiedChains: [][]*x509.Certificate{{cert}}}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != http.StatusNoContent || !strings.Contains(log.String(), `by="certificate deployer"`) {
		t.Errorf("with one: got %d and %q, want 204 and its name", w.Code, log)
	}
}

func TestAChangedFileIsReadAgain(t *testing.T) {
	tokens, secrets, file := tokensOf(t, Holder{"old", []Scope{All}})
	var told error
	tokens.OnError = func(err error) { told = err }
	write := func(text string, at time.Time) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(file, at, at); err != nil {
			t.Fatal(err)
		}
		tokens.looked = time.Time{}
	}
	secret, line, err := New("new", []Scope{Read})
	if err != nil {
		t.Fatal(err)
	}
	write(line, time.Now().Add(time.Hour))
	if _, ok := tokens.find(secrets["old"]); ok {
		t.Error("the token that was taken out still opens")
	}
	if h, ok := tokens.find(secret); !ok || h.Name != "new" {
		t.Errorf("got %v, %v, want the new token", h, ok)
	}
	write("nonsense", time.Now().Add(2*time.Hour))
	if _, ok := tokens.find(secret); !ok || told == nil {
		t.Errorf("after a wrong file: got %v and %v, want the tokens as before and an error", ok, told)
	}
}
