package stacktest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"
)

const countedApps = `
- id: notes
  name: Notes
  secret: notes-secret-secret-secret
  redirect_uris: [https://app.invalid/callback]
  post_logout_redirect_uris: [https://app.invalid/bye]
  scope: openid email profile offline_access
  grant_types: [authorization_code, refresh_token]
- id: machine
  secret: machine-secret-secret-secret
  scope: read
  grant_types: [client_credentials]
- id: signer
  secret: signer-secret-secret-secret
  scope: read
  grant_types: [client_credentials]
  access_token_strategy: jwt
`

// operations are what one person, one application and two machines do, in the order in which each needs
// what the one before made.
type operations struct {
	t     *testing.T
	s     *Stack
	rec   *recorder
	wires *wires
	email string

	first, second *Browser
	tokens        struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
		ID      string `json:"id_token"`
	}
}

func (o *operations) all() {
	o.first, o.second = o.browser(), o.browser()
	o.documents()
	o.machines()
	o.home()
	o.signIn()
	o.application()
	o.again()
	o.account()
	o.leave()
	o.person()
}

func (o *operations) browser() *Browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		o.t.Fatal(err)
	}
	b := NewBrowser(o.t)
	b.client.Jar, b.client.Transport = jar, o.wires.transport
	return b
}

func (o *operations) documents() {
	o.rec.do("discovery", func() { o.call(http.MethodGet, o.s.URLs.Hydra+"/.well-known/openid-configuration", nil, nil) })
	o.rec.do("JWKS", func() { o.call(http.MethodGet, o.s.URLs.Hydra+"/.well-known/jwks.json", nil, nil) })
}

func (o *operations) machines() {
	ask := url.Values{"grant_type": {"client_credentials"}, "scope": {"read"}}
	o.rec.do("client_credentials, opaque", func() { o.token("machine", ask) })
	opaque := o.tokens.Access
	o.rec.do("client_credentials, JWT", func() { o.token("signer", ask) })
	signed := o.tokens.Access
	o.rec.do("introspection of a token of a machine, opaque", func() { o.introspect(opaque) })
	o.rec.do("introspection of a token of a machine, JWT", func() { o.introspect(signed) })
}

func (o *operations) home() {
	o.rec.do("registration: the page", func() { o.first.Open(o.s.URLs.UI + "/registration") })
	o.rec.do("registration: the form", func() {
		o.first.Submit("form", map[string]string{"traits.email": o.email, "password": password, "method": "password"})
	})
	o.rec.do("whoami", func() { o.call(http.MethodGet, o.s.URLs.Kratos+"/sessions/whoami", nil, o.first) })
	b := o.browser()
	o.rec.do("whoami without a session", func() { b.Code(o.s.URLs.Kratos + "/sessions/whoami") })
	o.rec.do("sign-in at home: the page", func() { b.Open(o.s.URLs.UI + "/login") })
	o.rec.do("sign-in at home: a wrong password", func() {
		b.Submit(selfService, map[string]string{"identifier": o.email, "password": "wrong-" + password, "method": "password"})
		isAt(o.t, b, "/login")
	})
	o.rec.do("sign-in at home: the form", func() { b.signIn(o.email) })
	isAt(o.t, b, "/account/")
}

func (o *operations) signIn() {
	b := o.second
	o.rec.do("code flow 1: from the application to the login page", func() {
		b.Open(o.s.Begin("notes", "scope", "openid email profile offline_access"))
		isAt(o.t, b, "/login")
	})
	o.rec.do("code flow 2: the password, to the consent page", func() { b.signIn(o.email) })
	o.rec.do("code flow 3: the consent, to the application", func() {
		b.Submit("main form", map[string]string{"action": "allow"})
	})
	o.rec.do("code flow 4: the code for tokens", func() { o.redeem(b) })
	o.rec.do("code flow 5: userinfo", func() { o.bearer(o.s.URLs.Hydra + "/userinfo") })
}

func (o *operations) application() {
	o.rec.do("refresh", func() {
		o.token("notes", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {o.tokens.Refresh}})
	})
	o.rec.do("introspection of a token of a person", func() { o.introspect(o.tokens.Access) })
	o.rec.do("revocation", func() {
		o.basic("notes", o.s.URLs.Hydra+"/oauth2/revoke", url.Values{"token": {o.tokens.Refresh}})
	})
}

func (o *operations) again() {
	b := o.second
	o.rec.do("again with a session: to the consent page", func() {
		b.Open(o.s.Begin("notes"))
		isAt(o.t, b, "/consent")
	})
	o.rec.do("again with a session: the consent, remembered", func() {
		b.Submit("main form", map[string]string{"action": "allow", "remember": "true"})
	})
	o.rec.aside(func() { o.redeem(b) })
	o.rec.do("again with a remembered consent: to the application", func() { b.Open(o.s.Begin("notes")) })
	o.rec.aside(func() { o.redeem(b) })
}

// person is the same as a browser sends it, which says that a person goes somewhere: the steps between two
// pages are taken at once (package shortcut). A request has the name of its first step.
func (o *operations) person() {
	b := o.browser()
	b.Says = true
	o.rec.do("by a browser: from the application to the login page", func() {
		// More than what the consent was remembered for.
		b.Open(o.s.Begin("notes", "scope", "openid email profile"))
		isAt(o.t, b, "/login")
	})
	o.rec.do("by a browser: the password, to the consent page", func() {
		b.signIn(o.email)
		isAt(o.t, b, "/consent")
	})
	o.rec.do("by a browser: the consent, to the application", func() {
		b.Submit("main form", map[string]string{"action": "allow"})
	})
	o.rec.aside(func() { o.redeem(b) })
	o.rec.do("by a browser: again, with a remembered consent", func() { b.Open(o.s.Begin("notes")) })
	o.rec.aside(func() { o.redeem(b) })
	o.rec.do("by a browser: sign-out at home", func() {
		b.Open(o.s.URLs.UI + "/account/")
		b.Submit(`form[action$="/account/logout"]`, nil)
		isAt(o.t, b, "/account/signed-out")
	})
}

// recorded waits until the trail, which is written aside, has what the page of activities shows.
func (o *operations) recorded() {
	for deadline := time.Now().Add(time.Minute); ; {
		o.second.Open(o.s.URLs.UI + "/account/activity")
		if strings.Contains(o.second.Page.Text("main"), "Notes was given access") {
			return
		}
		if time.Now().After(deadline) {
			o.t.Fatal("the trail does not say that Notes was given access")
		}
		<-time.After(20 * time.Millisecond)
	}
}

func (o *operations) account() {
	o.rec.aside(o.recorded)
	for _, path := range []string{
		"/account/", "/account/security", "/account/sessions", "/account/applications", "/account/activity",
		"/account/data", "/settings",
	} {
		o.rec.do("page "+path, func() { o.second.Open(o.s.URLs.UI + path) })
		isAt(o.t, o.second, path)
	}
}

func (o *operations) leave() {
	o.rec.do("sign-out at home", func() {
		o.first.Open(o.s.URLs.UI + "/")
		o.first.Submit(`form[action$="/account/logout"]`, nil)
		isAt(o.t, o.first, "/account/signed-out")
	})
	o.rec.do("sign-out from the application", func() {
		o.second.Open(o.s.URLs.Hydra + "/oauth2/sessions/logout?" + url.Values{
			"id_token_hint": {o.tokens.ID}, "post_logout_redirect_uri": {"https://app.invalid/bye"}, "state": {"bye-bye-bye"},
		}.Encode())
		o.second.Submit("main form", map[string]string{"action": "yes"})
		if o.second.URL.Hostname() != AppHost {
			o.t.Fatalf("got %s (%d), want the application", o.second.URL.Redacted(), o.second.Status)
		}
	})
}

// redeem takes the code that a browser brought to the application.
func (o *operations) redeem(b *Browser) {
	code := b.URL.Query().Get("code")
	if b.URL.Hostname() != AppHost || code == "" {
		o.t.Fatalf("got %s (%d), want a code at the application", b.URL.Redacted(), b.Status)
	}
	o.token("notes", url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {"https://" + AppHost + "/callback"},
	})
}

func (o *operations) token(client string, form url.Values) {
	raw := o.basic(client, o.s.URLs.Hydra+"/oauth2/token", form)
	if err := json.Unmarshal(raw, &o.tokens); err != nil || o.tokens.Access == "" {
		o.t.Fatalf("got %s, want tokens (%v)", raw, err)
	}
}

func (o *operations) introspect(token string) {
	raw := o.call(http.MethodPost, o.s.URLs.HydraAdmin+"/admin/oauth2/introspect", url.Values{"token": {token}}, nil)
	if !strings.Contains(string(raw), `"active":true`) {
		o.t.Errorf("introspection: got %s", raw)
	}
}

func (o *operations) basic(client, address string, form url.Values) []byte {
	return o.send(http.MethodPost, address, form, nil, func(r *http.Request) {
		r.SetBasicAuth(client, client+"-secret-secret-secret")
	})
}

func (o *operations) bearer(address string) {
	o.send(http.MethodGet, address, nil, nil, func(r *http.Request) {
		r.Header.Set("Authorization", "Bearer "+o.tokens.Access)
	})
}

func (o *operations) call(method, address string, form url.Values, b *Browser) []byte {
	return o.send(method, address, form, b, func(*http.Request) {})
}

// send returns the body of an answer that has to be 200.
func (o *operations) send(method, address string, form url.Values, b *Browser, change func(*http.Request)) []byte {
	o.t.Helper()
	req, err := http.NewRequestWithContext(o.t.Context(), method, address, strings.NewReader(form.Encode()))
	if err != nil {
		o.t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	change(req)
	client := &http.Client{Transport: o.wires.transport}
	if b != nil {
		client = b.client
	}
	res, err := client.Do(req)
	if err != nil {
		o.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		o.t.Fatalf("%s %s: got %d %s (%v)", method, req.URL.Path, res.StatusCode, raw, err)
	}
	return raw
}
