package stacktest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	hydraspec "github.com/ory/hydra/v2/spec"
	kratosspec "github.com/ory/kratos/spec"

	"example.com/identityd/internal/adminguard"
	"example.com/identityd/internal/tried"
)

// contract holds the answers of an admin API against the document that upstream publishes of it.
type contract struct {
	t           *testing.T
	base, token string
	// host is asked for in place of the address.
	host   string
	routes map[string]*routers.Route
	called map[string]int
}

// newContract reads a document. nulls are the values that the engine writes as null where its document does
// not know that (docs/ory-quirks.md#q108): a schema and a property, * for all that end like it.
func newContract(t *testing.T, spec []byte, base, token string, nulls ...string) *contract {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(spec)
	if err != nil {
		t.Fatal(err)
	}
	c := &contract{t: t, base: base, token: token, routes: map[string]*routers.Route{}, called: map[string]int{}}
	for _, each := range nulls {
		schema, property, _ := strings.Cut(each, ".")
		known := false
		for name, value := range doc.Components.Schemas[schema].Value.Properties {
			if rest, all := strings.CutPrefix(property, "*"); name == property || all && strings.HasSuffix(name, rest) {
				may := *value.Value // which others may refer to, and hold to their word
				may.Nullable, known = true, true
				doc.Components.Schemas[schema].Value.Properties[name] = &openapi3.SchemaRef{Value: &may}
			}
		}
		if !known {
			t.Errorf("%s is no longer in the document", each)
		}
	}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			if strings.HasPrefix(path, "/admin/") {
				c.routes[op.OperationID] = &routers.Route{Spec: doc, Path: path, PathItem: item, Method: method, Operation: op}
			}
		}
	}
	return c
}

// call sends a request for an operation; {} in its path take the arguments in turn. It returns the headers
// and the body.
func (c *contract) call(operation string, want int, query url.Values, body any, arguments ...string) (http.Header, []byte) {
	c.t.Helper()
	route := c.routes[operation]
	if route == nil {
		c.t.Fatalf("there is no operation %s", operation)
	}
	path := route.Path
	for _, a := range arguments {
		begin, end := strings.Index(path, "{"), strings.Index(path, "}")
		path = path[:begin] + a + path[end+1:]
	}
	kind, payload := "", []byte(nil)
	switch b := body.(type) {
	case nil:
	case url.Values:
		kind, payload = "application/x-www-form-urlencoded", []byte(b.Encode())
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			c.t.Fatal(err)
		}
		kind, payload = "application/json", raw
	}
	req, err := http.NewRequestWithContext(c.t.Context(), route.Method, c.base+path+"?"+query.Encode(), bytes.NewReader(payload))
	if err != nil {
		c.t.Fatal(err)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	req.Host = c.host
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	if want != 0 && res.StatusCode != want {
		c.t.Errorf("%s: got %d %s, want %d", operation, res.StatusCode, raw, want)
	}
	c.called[operation]++
	input := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: req, Route: route},
		Status:                 res.StatusCode, Header: res.Header,
		Options: &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	}
	input.SetBodyBytes(raw)
	if err := openapi3filter.ValidateResponse(c.t.Context(), input); err != nil {
		c.t.Errorf("%s: the answer %d is not what its document says: %v\n%s", operation, res.StatusCode, err, raw)
	}
	return res.Header, raw
}

// field reads one field of an answer.
func (c *contract) field(raw []byte, name string) string {
	c.t.Helper()
	var out map[string]any
	if err := json.Unmarshal(raw, &out); err != nil {
		c.t.Fatalf("%v: %s", err, raw)
	}
	s, _ := out[name].(string)
	return s
}

// refusals are the guard's own answers, which clients read as they read the engine's.
func (c *contract) refusals(list, create string) {
	c.t.Helper()
	token := c.token
	c.token = ""
	c.call(list, 401, nil, nil)
	c.token = token
	c.call(create, 415, nil, url.Values{"a": {"b"}})
	c.host = "evil.example"
	c.call(list, 421, nil, nil)
	c.host = ""
}

// all fails for operations that nobody called.
func (c *contract) all() {
	c.t.Helper()
	for operation := range c.routes {
		if c.called[operation] == 0 {
			c.t.Errorf("%s was not called", operation)
		}
	}
}

// TestTheAdminAPIsKeepTheirContracts calls every operation of both admin APIs through the guard, with a
// token, and holds status, headers and body against upstream's documents.
func TestTheAdminAPIsKeepTheirContracts(t *testing.T) {
	secret, line, err := adminguard.New("spec", []adminguard.Scope{adminguard.All})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "tokens")
	if err := os.WriteFile(file, []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	s := Start(t, orStandIn(t), Set("admin.token_file", file), Set("identity.verification", "optional"))
	for name, test := range map[string]func(*testing.T, *Stack, string) *contract{"hydra": hydraContract, "kratos": kratosContract} {
		t.Run(name, func(t *testing.T) {
			c := test(t, s, secret)
			c.all()
			n := 0
			for _, times := range c.called {
				n += times
			}
			tried.Report(t, "every admin operation of "+name+" through the guard, held against upstream's document",
				"%d operations in %d calls", len(c.called), n)
		})
	}
}

func hydraContract(t *testing.T, s *Stack, token string) *contract {
	c := newContract(t, hydraspec.API, s.URLs.HydraAdmin, token, "oAuth2Client.*_lifespan", "oAuth2Client.skip_logout_consent", "oAuth2LogoutRequest.client", "oAuth2ConsentRequest.context", "oAuth2ConsentSession.context")
	const uri = "https://app.invalid/cb"
	client := map[string]any{
		"client_id": "spec", "client_secret": "a-secret-of-the-test", "scope": "openid offline_access", "redirect_uris": []string{uri},
		"grant_types": []string{"authorization_code", "refresh_token"}, "response_types": []string{"code"},
		"jwks": map[string]any{"keys": []any{}}, "metadata": map[string]any{"a": "b"}, "contacts": []string{"a@example.com"},
	}
	head, _ := c.call("createOAuth2Client", 201, nil, client)
	if got := head.Get("Location"); got != "/admin/clients/spec" {
		t.Errorf("got Location %q", got)
	}
	c.call("createOAuth2Client", 409, nil, client)
	client["client_id"] = "second"
	c.call("createOAuth2Client", 201, nil, client)
	client["client_id"] = "spec"
	head, _ = c.call("listOAuth2Clients", 200, url.Values{"page_size": {"1"}}, nil)
	if !strings.Contains(head.Get("Link"), `rel="next"`) || head.Get("X-Total-Count") == "" {
		t.Errorf("got Link %q and X-Total-Count %q, want both", head.Get("Link"), head.Get("X-Total-Count"))
	}
	c.call("getOAuth2Client", 200, nil, nil, "spec")
	c.call("getOAuth2Client", 404, nil, nil, "nobody")
	c.call("patchOAuth2Client", 200, nil, []any{map[string]any{"op": "replace", "path": "/client_name", "value": "named"}}, "spec")
	c.call("setOAuth2Client", 200, nil, client, "spec")
	c.call("setOAuth2ClientLifespans", 200, nil, map[string]any{"refresh_token_grant_id_token_lifespan": "1h"}, "spec")

	_, set := c.call("createJsonWebKeySet", 201, nil, map[string]any{"alg": "ES256", "use": "sig", "kid": "one"}, "spec")
	var keys struct{ Keys []any }
	if err := json.Unmarshal(set, &keys); err != nil || len(keys.Keys) == 0 {
		t.Fatalf("got %s, %v, want keys", set, err)
	}
	c.call("getJsonWebKeySet", 200, nil, nil, "spec")
	c.call("getJsonWebKey", 200, nil, nil, "spec", "one")
	c.call("setJsonWebKey", 200, nil, keys.Keys[0], "spec", "one")
	c.call("setJsonWebKeySet", 200, nil, map[string]any{"keys": keys.Keys}, "spec")
	c.call("deleteJsonWebKey", 204, nil, nil, "spec", "one")
	c.call("deleteJsonWebKeySet", 204, nil, nil, "spec")

	b := redirected(t)
	begin := s.URLs.Hydra + "/oauth2/auth?" + url.Values{
		"client_id": {"spec"}, "response_type": {"code"}, "scope": {"openid offline_access"}, "state": {"state-state"}, "redirect_uri": {uri},
	}.Encode()
	login := func() url.Values { return url.Values{"login_challenge": {b(begin, "login_challenge")}} }
	refused := map[string]any{"error": "access_denied", "error_description": "no"}
	c.call("rejectOAuth2LoginRequest", 200, login(), refused)
	one := login()
	c.call("getOAuth2LoginRequest", 200, one, nil)
	consent := func(at url.Values) url.Values {
		_, raw := c.call("acceptOAuth2LoginRequest", 200, at, map[string]any{"subject": "somebody", "remember": true, "remember_for": 600})
		return url.Values{"consent_challenge": {b(c.field(raw, "redirect_to"), "consent_challenge")}}
	}
	at := consent(one)
	c.call("getOAuth2ConsentRequest", 200, at, nil)
	_, raw := c.call("acceptOAuth2ConsentRequest", 200, at, map[string]any{"grant_scope": []string{"openid", "offline_access"}, "remember": true})
	b(c.field(raw, "redirect_to"), "code")
	c.call("listOAuth2ConsentSessions", 200, url.Values{"subject": {"somebody"}}, nil)
	c.call("revokeOAuth2ConsentSessions", 204, url.Values{"subject": {"somebody"}, "all": {"true"}}, nil)
	two := login()
	_, raw = c.call("acceptOAuth2LoginRequest", 200, two, map[string]any{"subject": "somebody", "remember": true, "remember_for": 600})
	c.call("rejectOAuth2ConsentRequest", 200, url.Values{"consent_challenge": {b(c.field(raw, "redirect_to"), "consent_challenge")}}, refused)

	logout := func() url.Values {
		return url.Values{"logout_challenge": {b(s.URLs.Hydra+"/oauth2/sessions/logout", "logout_challenge")}}
	}
	out := logout()
	c.call("getOAuth2LogoutRequest", 200, out, nil)
	c.call("rejectOAuth2LogoutRequest", 204, out, nil)
	c.call("acceptOAuth2LogoutRequest", 200, logout(), nil)
	c.call("revokeOAuth2LoginSessions", 204, url.Values{"subject": {"somebody"}}, nil)

	c.call("introspectOAuth2Token", 200, nil, url.Values{"token": {"of-nobody"}})
	c.call("deleteOAuth2Token", 204, url.Values{"client_id": {"spec"}}, nil)
	_, raw = c.call("trustOAuth2JwtGrantIssuer", 201, nil, map[string]any{
		"issuer": "https://issuer.example.com", "subject": "somebody", "scope": []string{"openid"}, "expires_at": "2040-01-01T00:00:00Z",
		"jwk": map[string]any{
			"kty": "EC", "crv": "P-256", "kid": "1", "use": "sig", "alg": "ES256",
			"x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
		},
	})
	issuer := c.field(raw, "id")
	c.call("listTrustedOAuth2JwtGrantIssuers", 200, nil, nil)
	c.call("getTrustedOAuth2JwtGrantIssuer", 200, nil, nil, issuer)
	c.call("deleteTrustedOAuth2JwtGrantIssuer", 204, nil, nil, issuer)
	c.call("deleteOAuth2Client", 204, nil, nil, "spec")
	c.refusals("listOAuth2Clients", "createOAuth2Client")
	return c
}

// redirected is a browser that stops at each redirect and returns one parameter of where it leads, on the
// way to it.
func redirected(t *testing.T) func(address, parameter string) string {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	return func(address, parameter string) string {
		t.Helper()
		for range 5 {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
			if err != nil {
				t.Fatal(err)
			}
			res, err := client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			to, err := res.Location()
			if err != nil {
				t.Fatalf("%s: got %d and no redirect", req.URL.Path, res.StatusCode)
			}
			if value := to.Query().Get(parameter); value != "" {
				return value
			}
			address = to.String()
		}
		t.Fatalf("no %s on the way", parameter)
		return ""
	}
}

func kratosContract(t *testing.T, s *Stack, token string) *contract {
	c := newContract(t, kratosspec.API, s.URLs.KratosAdmin, token, "messageDispatch.error")
	person := func(email string) map[string]any {
		return map[string]any{
			"schema_id": "email@1", "state": "active", "traits": map[string]any{"email": email},
			"credentials":     map[string]any{"password": map[string]any{"config": map[string]any{"password": password}}},
			"metadata_public": map[string]any{"a": "b"}, "metadata_admin": map[string]any{"c": "d"},
		}
	}
	head, raw := c.call("createIdentity", 201, nil, person("spec@example.com"))
	id := c.field(raw, "id")
	if !strings.HasSuffix(head.Get("Location"), "/identities/"+id) {
		t.Errorf("got Location %q, want that of %s", head.Get("Location"), id)
	}
	c.call("createIdentity", 409, nil, person("spec@example.com"))
	c.call("createIdentity", 400, nil, map[string]any{"schema_id": "email@1", "traits": map[string]any{"email": 1}})
	c.call("batchPatchIdentities", 200, nil, map[string]any{"identities": []any{map[string]any{"create": person("batch@example.com")}}})
	head, _ = c.call("listIdentities", 200, url.Values{"page_size": {"1"}}, nil)
	if !strings.Contains(head.Get("Link"), `rel="next"`) {
		t.Errorf("got Link %q, want the next page in it", head.Get("Link"))
	}
	c.call("getIdentity", 200, url.Values{"include_credential": {"password"}}, nil, id)
	c.call("getIdentity", 404, nil, nil, "11111111-1111-4111-8111-111111111111")
	c.call("patchIdentity", 200, nil, []any{map[string]any{"op": "add", "path": "/metadata_public/e", "value": "f"}}, id)
	c.call("patchIdentity", 400, nil, []any{map[string]any{"op": "add", "path": "/credentials/totp", "value": 1}}, id)
	c.call("updateIdentity", 200, nil, person("spec@example.com"), id)

	if status, body := apiLogin(t, s, "spec@example.com", password); status != http.StatusOK {
		t.Fatalf("got %d %s, want a session", status, body)
	}
	_, raw = c.call("listIdentitySessions", 200, nil, nil, id)
	var sessions []struct{ ID string }
	if err := json.Unmarshal(raw, &sessions); err != nil || len(sessions) == 0 {
		t.Fatalf("got %s, %v, want a session", raw, err)
	}
	c.call("listSessions", 200, url.Values{"expand": {"identity", "devices"}}, nil)
	c.call("getSession", 200, url.Values{"expand": {"identity"}}, nil, sessions[0].ID)
	c.call("extendSession", 0, nil, nil, sessions[0].ID)
	c.call("disableSession", 204, nil, nil, sessions[0].ID)
	c.call("deleteIdentitySessions", 0, nil, nil, id)

	c.call("createRecoveryCodeForIdentity", 201, nil, map[string]any{"identity_id": id})
	c.call("createRecoveryLinkForIdentity", 0, nil, map[string]any{"identity_id": id})
	if status, body := apiFlow(t, s, "recovery", map[string]any{"method": "code", "email": "spec@example.com"}); status != http.StatusOK {
		t.Fatalf("got %d %s, want a mail", status, body)
	}
	_, raw = c.call("listCourierMessages", 200, nil, nil)
	var messages []struct{ ID string }
	if err := json.Unmarshal(raw, &messages); err != nil || len(messages) == 0 {
		t.Fatalf("got %s, %v, want a message", raw, err)
	}
	c.call("getCourierMessage", 200, nil, nil, messages[0].ID)
	c.call("deleteIdentityCredentials", 0, nil, nil, id, "totp")
	c.call("deleteIdentity", 204, nil, nil, id)

	c.refusals("listIdentities", "createIdentity")
	return c
}
