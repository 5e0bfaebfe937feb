package demo

import (
	"math"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/jba/templatecheck"
	"golang.org/x/net/html"

	"example.com/identityd/internal/htmltest"
)

func TestTemplatesUseOnlyWhatTheirPagesHave(t *testing.T) {
	p, err := loadPages()
	if err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"problem":    templatecheck.CheckHTML(p.Problem.tmpl, problemPage{}),
		"signed out": templatecheck.CheckHTML(p.SignedOut.tmpl, signedOutPage{}),
		"start":      templatecheck.CheckHTML(p.Start.tmpl, startPage{}),
		"tokens":     templatecheck.CheckHTML(p.Tokens.tmpl, tokensPage{}),
	} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEveryPageIsWholeAndSendsItsHeaders(t *testing.T) {
	op := newFakeOP(t)
	_, b := startDemo(t, op)
	b.signIn(op)
	for path, status := range map[string]int{
		"/": 200, pathTokens: 200, pathSignedOut: 200, "/nowhere": 404, pathCallback: 400, "/assets/x.css": 404,
	} {
		t.Run(path, func(t *testing.T) {
			b.t = t
			a := b.get(path)
			a.want(status)
			for name, want := range map[string]string{
				"Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'none'; " +
					"frame-ancestors 'none'; base-uri 'none'",
				"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
				"Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
				"Content-Type": "text/html; charset=utf-8",
			} {
				if got := a.header.Get(name); got != want {
					t.Errorf("%s: got %q, want %q", name, got, want)
				}
			}
			page := a.page()
			page.One("main h1")
			page.Missing("script, style, [style], [onclick], [src^=http], link[href^=http]")
			ids := map[string]bool{}
			for _, n := range page.All("[id]") {
				id, _ := htmltest.Attr(n, "id")
				if ids[id] {
					t.Errorf("id %s is there twice", id)
				}
				ids[id] = true
			}
			for _, n := range page.All("a[href^='#']") {
				if href, _ := htmltest.Attr(n, "href"); !ids[href[1:]] {
					t.Errorf("got a link to %s, which is not there", href)
				}
			}
			for _, n := range page.All("link[href]") {
				href, _ := htmltest.Attr(n, "href")
				asset := b.get(href)
				asset.want(http.StatusOK)
				if got := asset.header.Get("Cache-Control"); got != "public, max-age=31536000, immutable" {
					t.Errorf("%s: got Cache-Control %q, want it kept for good", href, got)
				}
			}
		})
	}
}

func TestNothingOfTheProviderIsTakenForHTML(t *testing.T) {
	const hostile = `"><script>alert(1)</script><img src=x onerror=alert(1)>`
	op := newFakeOP(t)
	op.changeDiscovery = func(d map[string]any) { d["scopes_supported"] = []string{"openid", hostile} }
	op.changeClaims = func(c map[string]any) { c["email"], c["name"] = hostile, hostile }
	op.changeToken = func(c map[string]any) { c["scope"], c["access_token"] = hostile, "at-1"; delete(c, "refresh_token") }
	op.answer("/userinfo", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(hostile)) })
	_, b := startDemo(t, op)
	b.signIn(op)
	request := b.begin()
	pages := map[string]answer{
		"start": b.get("/"), "tokens": b.get(pathTokens), "nowhere": b.get("/" + strings.ReplaceAll(hostile, " ", "%20")),
		"error": b.come("error", hostile, "error_description", hostile, "state", request.Get("state")),
	}
	for name, a := range pages {
		page := a.page()
		page.Missing("script, img, [onerror]")
		shown := slices.ContainsFunc(page.All("main *, input"), func(n *html.Node) bool {
			value, _ := htmltest.Attr(n, "value")
			return strings.Contains(htmltest.Text(n)+value, "<script>alert(1)")
		})
		if !shown && name != "nowhere" {
			t.Errorf("%s: the hostile text is not shown at all, so nothing was tried", name)
		}
	}
}

func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	op := newFakeOP(t)
	_, b := startDemo(t, op)
	b.signIn(op)
	for name, change := range map[string]func(*http.Request){
		"a browser that says so":    func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
		"another port of localhost": func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") },
		"an old browser": func(r *http.Request) {
			r.Header.Del("Sec-Fetch-Site")
			r.Header.Set("Origin", "https://evil.example")
		},
	} {
		t.Run(name, func(t *testing.T) {
			b.t = t
			b.do(http.MethodPost, "/revocation", nil, change).want(http.StatusForbidden)
		})
	}
	if got := op.asking("POST", "/revoke"); got != 0 {
		t.Errorf("got %d revocations, want none", got)
	}
}

func TestOnlyItsOwnHostNameIsServed(t *testing.T) {
	op := newFakeOP(t)
	_, b := startDemo(t, op)
	foreign := func(r *http.Request) { r.Host = "evil.example" }
	if got := b.do(http.MethodGet, "/tokens?x=1", nil, foreign).location; got != b.base+"/tokens?x=1" {
		t.Errorf("got a redirect to %q, want the demo's own address", got)
	}
	b.do(http.MethodPost, "/sign-in", nil, foreign).want(http.StatusMisdirectedRequest)
}

// TestColorsCanBeRead computes the contrast of WCAG 2.2 for the pairs that the stylesheet uses.
func TestColorsCanBeRead(t *testing.T) {
	css, err := assetFiles.ReadFile("assets/demo.css")
	if err != nil {
		t.Fatal(err)
	}
	light, rest, ok := strings.Cut(string(css), "@media (prefers-color-scheme: dark)")
	if !ok {
		t.Fatal("the stylesheet has no dark colors")
	}
	dark, _, _ := strings.Cut(rest, "\n}\n")
	for scheme, part := range map[string]string{"light": light, "dark": dark} {
		colors := luminances(part)
		for _, pair := range []string{
			"text surface", "text ground", "text sunken", "muted surface", "muted ground", "muted sunken", "accent surface",
			"accent ground", "on-accent accent", "on-accent accent-strong", "good surface", "good good-tint", "good ground",
			"wrong surface", "wrong wrong-tint", "first sunken", "second sunken", "third sunken",
		} {
			one, other, _ := strings.Cut(pair, " ")
			a, okA := colors[one]
			b, okB := colors[other]
			if got := (max(a, b) + .05) / (min(a, b) + .05); !okA || !okB || got < 4.5 {
				t.Errorf("%s, %s: got contrast %.2f, want at least 4.5", scheme, pair, got)
			}
		}
	}
}

func luminances(css string) map[string]float64 {
	out := map[string]float64{}
	for _, m := range regexp.MustCompile(`--([a-z-]+): #([0-9a-f]{6});`).FindAllStringSubmatch(css, -1) {
		for i, weight := range []float64{.2126, .7152, .0722} {
			channel, _ := strconv.ParseUint(m[2][2*i:2*i+2], 16, 8)
			c := float64(channel) / 255
			if c <= .04045 {
				c /= 12.92
			} else {
				c = math.Pow((c+.055)/1.055, 2.4)
			}
			out[m[1]] += weight * c
		}
	}
	return out
}
