package stacktest

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"example.com/identityd/internal/outbound"
	"example.com/identityd/internal/tried"
)

// outside is a server that counts who connects.
type outside struct {
	*httptest.Server
	connected, asked atomic.Int32
}

func newOutside(t *testing.T, h http.HandlerFunc) *outside {
	t.Helper()
	o := &outside{}
	o.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o.asked.Add(1)
		h(w, r)
	}))
	o.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			o.connected.Add(1)
		}
	}
	o.Start()
	t.Cleanup(o.Close)
	return o
}

// byName is its address with a name that resolves to loopback.
func (o *outside) byName() string { return strings.Replace(o.URL, "127.0.0.1", "localhost", 1) }

// neighbors are two servers of which only the first may be called.
func neighbors(t *testing.T) (allowed, private *outside) {
	t.Helper()
	private = newOutside(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, `{"keys":[]}`) }) //nolint:errcheck // nobody should read it
	over := make(chan struct{})
	allowed = newOutside(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/large":
			io.WriteString(w, `{"keys":[], "padding":"`)             //nolint:errcheck // it is cut off
			io.WriteString(w, strings.Repeat("a", outbound.MaxBody)) //nolint:errcheck // it is cut off
		case "/slow":
			w.(http.Flusher).Flush()
			<-over
		case "/elsewhere":
			http.Redirect(w, r, private.byName()+"/keys", http.StatusFound)
		}
	})
	t.Cleanup(func() { close(over) })
	return allowed, private
}

// fetchWay is one way to make Hydra call an address, and what the caller is told.
type fetchWay struct {
	name  string
	https bool
	make  func(t *testing.T, s *Stack, id int, address string) (told string)
}

func fetches() []fetchWay {
	return []fetchWay{
		{"jwks_uri", false, func(t *testing.T, s *Stack, id int, address string) string {
			name := registerFetch(t, s, id, map[string]any{
				"grant_types": []string{"client_credentials"}, "token_endpoint_auth_method": "private_key_jwt", "jwks_uri": address,
			})
			return posted(t, s.URLs.Hydra+"/oauth2/token", "application/x-www-form-urlencoded", url.Values{
				"grant_type": {"client_credentials"}, "client_assertion": {assertion(t, s, name)},
				"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
			}.Encode())
		}},
		{"request_uri", false, func(t *testing.T, s *Stack, id int, address string) string {
			name := registerFetch(t, s, id, map[string]any{
				"redirect_uris": []string{"https://" + AppHost + "/callback"}, "response_types": []string{"code"}, "scope": "openid",
				"jwks": map[string]any{"keys": []any{}}, "request_uris": []string{address},
			})
			b := NewBrowser(t)
			b.Open(s.URLs.Hydra + "/oauth2/auth?" + url.Values{
				"client_id": {name}, "response_type": {"code"}, "scope": {"openid"}, "state": {"state-state"}, "request_uri": {address},
			}.Encode())
			return b.text()
		}},
		{"sector_identifier_uri", true, func(t *testing.T, s *Stack, id int, address string) string {
			return posted(t, s.URLs.HydraAdmin+"/admin/clients", "application/json", `{"client_id":"sector-`+strconv.Itoa(id)+
				`","redirect_uris":["https://`+AppHost+`/callback"],"sector_identifier_uri":"`+address+`"}`)
		}},
	}
}

func registerFetch(t *testing.T, s *Stack, id int, client map[string]any) string {
	t.Helper()
	client["client_id"] = "fetch-" + strconv.Itoa(id)
	post(t, s.URLs.HydraAdmin+"/admin/clients", client)
	return client["client_id"].(string)
}

func posted(t *testing.T, address, contentType, body string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode < 400 {
		t.Errorf("%s: got status %d, error %v: %s; want a refusal", address, res.StatusCode, err, text)
	}
	return string(text)
}

// assertion is a token by which a client says who it is, signed with a key that it has told nobody of.
func assertion(t *testing.T, s *Stack, client string) string {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: key, KeyID: "a"}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	claims, err := json.Marshal(map[string]any{
		"iss": client, "sub": client, "aud": s.URLs.Hydra + "/oauth2/token", "jti": rand.Text(), "exp": time.Now().Add(time.Minute).Unix(),
	})
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(claims)
	if err != nil {
		t.Fatal(err)
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// text is where a browser is and what it shows.
func (b *Browser) text() string {
	out := b.URL.Redacted()
	if u, err := url.QueryUnescape(out); err == nil {
		out = u
	}
	if b.Page != nil {
		out += " " + b.Page.Text("body")
	}
	return out
}

func refusedAs(t *testing.T, s *Stack, kind outbound.Kind) float64 {
	t.Helper()
	n, _ := strconv.ParseFloat(metric(t, s, `identityd_outbound_refused_total{kind="`+string(kind)+`"}`), 64)
	return n
}

// TestOutbound makes Hydra and Kratos call addresses that clients and providers name.
func TestOutbound(t *testing.T) {
	notOnStandIn(t, onSQLite)
	allowed, private := neighbors(t)
	s := Start(t, Set("outbound.private", "deny"), Set("outbound.allow", allowed.Listener.Addr().String()), Without("long calls"),
		withFiles(t, map[string]string{"login_providers": providerOfWords + private.byName()}))
	id, secure := 0, func(address string) string { return strings.Replace(address, "http:", "https:", 1) }
	for _, f := range fetches() {
		t.Run(f.name, func(t *testing.T) {
			for _, one := range []struct {
				name, address string
				want          outbound.Kind
				plain         bool
			}{
				{"its own admin listener", "http://" + s.Address("kratos_admin") + "/admin/identities", outbound.OwnListener, false},
				{"the metadata service of a cloud", "http://169.254.169.254/latest/meta-data", outbound.Metadata, false},
				{"a name of this machine", private.byName() + "/keys", outbound.Private, false},
				{"another notation of it", strings.Replace(private.URL, "127.0.0.1", "[::ffff:127.0.0.1]", 1), outbound.Private, false},
				{"a server that redirects there", allowed.URL + "/elsewhere", outbound.Private, true},
				{"an answer of more than 10 MiB", allowed.URL + "/large", outbound.TooLarge, true},
				{"an answer that does not end", allowed.URL + "/slow", outbound.TooSlow, true},
			} {
				if f.https && one.plain {
					continue
				}
				t.Run(one.name+" is not read", func(t *testing.T) {
					id++
					address := one.address
					if f.https {
						address = secure(address)
					}
					before, kratosAdmin := refusedAs(t, s, one.want), s.Accepted.On(s.Address("kratos_admin"))
					told := f.make(t, s, id, address)
					if got := refusedAs(t, s, one.want) - before; got < 1 {
						t.Errorf("got %v refusals of kind %s, want one", got, one.want)
					}
					if n := private.connected.Load(); n != 0 || s.Accepted.On(s.Address("kratos_admin")) != kratosAdmin {
						t.Errorf("got %d connections at the private target, or one at the admin listener", n)
					}
					told = strings.ReplaceAll(told, address, "")
					for _, detail := range []string{"127.0.0.1", "::1", "dial", "tcp", "lookup", "refused to"} {
						if strings.Contains(told, detail) {
							t.Errorf("the caller is told %q: %s", detail, told)
						}
					}
				})
			}
		})
	}
	t.Run("a provider at a private address is not asked", func(t *testing.T) {
		before := refusedAs(t, s, outbound.Private)
		b := NewBrowser(t)
		b.Open(s.URLs.UI + "/login")
		b.answer(s, map[string]string{"provider": "work"})
		if n := private.connected.Load(); n != 0 || refusedAs(t, s, outbound.Private) == before {
			t.Errorf("got %d connections, and no refusal", n)
		}
		var stored json.RawMessage
		b.read(s.URLs.Kratos+"/self-service/errors?id="+b.URL.Query().Get("id"), &stored)
		for _, detail := range []string{"well-known", "localhost", "dial", "127.0.0.1", "not call the address"} {
			if strings.Contains(string(stored), detail) || strings.Contains(b.Page.Text("body"), detail) {
				t.Errorf("the person is told %q: %s, %s", detail, b.text(), stored)
			}
		}
		if !strings.Contains(string(stored), `"code":500`) {
			t.Errorf("got %s, want a fault of the service", stored)
		}
	})
	tried.Report(t, "keys, request objects and sectors of clients at this process' admin listener, a metadata service, a name of this machine, "+
		"behind a redirect, too large and too slow, and a provider there", "%v refused; %d connections at the private target, %s to the outside",
		s.refusals(t), private.connected.Load(), metric(t, s, "identityd_outbound_connections_total"))
}

// refusals is the sum over all kinds.
func (s *Stack) refusals(t *testing.T) int {
	t.Helper()
	n := 0.0
	for _, kind := range []outbound.Kind{
		outbound.OwnListener, outbound.Private, outbound.Metadata, outbound.Reserved, outbound.AirGap, outbound.Scheme,
		outbound.Downgrade, outbound.Redirects, outbound.TooLarge, outbound.TooSlow,
	} {
		n += refusedAs(t, s, kind)
	}
	return int(n)
}

// TestWithoutTheGuardClientsReachTheInside shows that the test above would notice.
func TestWithoutTheGuardClientsReachTheInside(t *testing.T) {
	notOnStandIn(t, onSQLite)
	allowed, private := neighbors(t)
	s := Start(t, Set("outbound.private", "deny"), AnyOutbound())
	for i, f := range fetches() {
		addresses := []string{private.byName(), "http://" + s.Address("ops"), allowed.URL + "/elsewhere"}
		if f.https {
			addresses = []string{strings.Replace(private.byName(), "http:", "https:", 1)}
		}
		before := private.connected.Load() + private.asked.Load()
		for j, address := range addresses {
			f.make(t, s, 1000+10*i+j, address)
		}
		if private.connected.Load()+private.asked.Load() == before {
			t.Errorf("%s: got no connection at the private target", f.name)
		}
	}
	if s.Accepted.On(s.Address("ops")) == 0 {
		t.Error("got no connection at a listener of the stack's own")
	}
	tried.Report(t, "the same addresses without the guard", "%d connections at the private target, %d at a listener of its own",
		private.connected.Load(), s.Accepted.On(s.Address("ops")))
}

// TestNothingLeaves signs somebody up and in where nothing may leave, and counts what was tried all the same.
func TestNothingLeaves(t *testing.T) {
	notOnStandIn(t, onSQLite)
	s := Start(t, Set("outbound.none", "true"))
	start := application(t, s)
	b := signUp(t, s, start, "ann@example.com")
	b.Submit("form", map[string]string{"action": "allow"})
	if b.URL.Hostname() != AppHost {
		t.Fatalf("got %s, want the application", b.URL.Redacted())
	}
	again := NewBrowser(t)
	signIn(again, s, "ann@example.com")
	if again.whoami(s) == nil {
		t.Fatal("got no session")
	}
	dials := metric(t, s, "identityd_outbound_connections_total")
	if dials != "0" || s.refusals(t) != 0 || strings.Contains(s.Log.String(), `"outgoing call`) {
		t.Errorf("got %s connections and %d refusals, want nothing to be tried", dials, s.refusals(t))
	}
	fetches()[0].make(t, s, 1, "https://app.example.com/keys")
	if refusedAs(t, s, outbound.AirGap) != 1 || metric(t, s, "identityd_outbound_connections_total") != "0" {
		t.Errorf("got %v refusals, want the call of a client's keys to be one", refusedAs(t, s, outbound.AirGap))
	}
	tried.Report(t, "a sign-up, a sign-in and a sign-in at an application with outbound.none, then a client whose keys are elsewhere",
		"%s connections; afterwards %v refused", dials, refusedAs(t, s, outbound.AirGap))
}
