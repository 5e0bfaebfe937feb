package browsertest

import (
	"context"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/security"
	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/stacktest"
)

// TestOneOriginByHTTPS: a browser keeps the cookies of the one https origin, which it drops without a
// word when a name that begins with __Host- is not what it says, and sends them back.
func TestOneOriginByHTTPS(t *testing.T) {
	chrome.need(t)
	public := stacktest.Ports(t, 1)[0]
	ca := stacktest.NewAuthority(t, "localhost")
	origin := "https://localhost:" + strconv.Itoa(public.Addr().(*net.TCPAddr).Port)
	public.Close()
	s := stacktest.Start(t, stacktest.Set("origin", origin), stacktest.Set("listen.gateway", "127.0.0.1"+strings.TrimPrefix(origin, "https://localhost")),
		stacktest.Set("tls.gateway.cert_file", ca.CertFile), stacktest.Set("tls.gateway.key_file", ca.KeyFile))
	var app struct {
		ID string `json:"client_id"`
	}
	post(t, s.URLs.HydraAdmin+"/admin/clients", map[string]any{
		"client_name": "Notes", "redirect_uris": []string{origin + "/robots.txt"}, "token_endpoint_auth_method": "none",
	}, &app)

	b := open(t, "origin")
	b.trustsAnything()
	b.visit(origin + "/oauth2/auth?" + url.Values{
		"client_id": {app.ID}, "response_type": {"code"}, "scope": {"openid"}, "state": {"state-state"}, "redirect_uri": {origin + "/robots.txt"},
		"code_challenge": {"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"}, "code_challenge_method": {"S256"},
	}.Encode())
	b.heading("Sign in")
	b.pressText("Create an account")
	b.signUp("ada@example.com", password)
	b.heading("Notes wants to use your account")
	b.pressText("Allow")
	if at := b.address(); at.Path != "/robots.txt" || at.Query().Get("code") == "" {
		t.Fatalf("got to %s without a code", at.Path)
	}
	b.visit(origin + "/")
	b.shows("ada@example.com")

	var kept []string
	for _, c := range b.cookies(origin) {
		if !c.Secure || !c.HTTPOnly || c.Path != "/" || c.Domain != "localhost" {
			t.Errorf("%s: got Secure %v, HttpOnly %v, path %s, domain %s", c.Name, c.Secure, c.HTTPOnly, c.Path, c.Domain)
		}
		kept = append(kept, c.Name)
	}
	for _, want := range []string{"__Host-ory_kratos_session", "__Host-ory_hydra_session"} {
		if !slices.Contains(kept, want) {
			t.Errorf("the browser did not keep %s", want)
		}
	}
	fixed := slices.DeleteFunc(kept, func(name string) bool { return strings.HasPrefix(name, "__Host-") })
	for i, name := range fixed {
		fixed[i], _, _ = strings.Cut(name, "_token")
	}
	if diff := cmp.Diff([]string{"csrf"}, fixed); diff != "" {
		t.Errorf("cookies that a sibling host could plant (-want +got):\n%s", diff)
	}
}

// trustsAnything lets the tab take a certificate of the test's own authority.
func (b *tab) trustsAnything() {
	b.t.Helper()
	b.load("trusting the authority", chromedp.Func(func(ctx context.Context, s *chromedp.Target) error {
		_, err := cdp.Call(ctx, s, security.SetIgnoreCertificateErrors, security.SetIgnoreCertificateErrorsParams{Ignore: true})
		return err
	}))
}

// cookies returns what the browser would send to the address.
func (b *tab) cookies(address string) []*network.Cookie {
	b.t.Helper()
	var out []*network.Cookie
	b.load("reading cookies", chromedp.Func(func(ctx context.Context, s *chromedp.Target) error {
		got, err := cdp.Call(ctx, s, network.GetCookies, network.GetCookiesParams{URLs: []string{address}})
		if err == nil {
			out = got.Cookies
		}
		return err
	}))
	return out
}
