package main

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func parse(t *testing.T, address string) *url.URL {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestRelationOfTwoAddresses(t *testing.T) {
	tests := map[string]struct{ from, to, want string }{
		"the same origin":            {"http://localhost:3000/a", "http://localhost:3000/b", siteSameOrigin},
		"ports share a site":         {"http://localhost:3000", "http://localhost:4433", siteSameSite},
		"subdomains share a site":    {"https://id.example.com", "https://app.example.com", siteSameSite},
		"schemes part sites":         {"http://id.example.com", "https://id.example.com", siteCross},
		"a loopback IP is foreign":   {"http://127.0.0.1:3000", "http://localhost:3000", siteCross},
		"public suffixes part sites": {"https://a.github.io", "https://b.github.io", siteCross},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := relation(parse(t, test.from), parse(t, test.to)); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
	if got := farther(siteCross, siteSameOrigin); got != siteCross {
		t.Errorf("a chain that was foreign became %s", got)
	}
}

func TestOriginAndRefererFollowThePagePolicy(t *testing.T) {
	ui, other := "http://localhost:3000/login?flow=1", "http://localhost:4433/x"
	secure := "https://id.example.com/login?flow=1"
	tests := map[string]struct{ policy, from, to, origin, referer string }{
		"the default across origins": {"", ui, other, "http://localhost:3000", "http://localhost:3000/"},
		"the default at home":        {"", ui, "http://localhost:3000/", "http://localhost:3000", ui},
		"the default to plain http":  {"", secure, other, "null", ""},
		"no-referrer":                {"no-referrer", ui, other, "null", ""},
		"same-origin across origins": {"same-origin", ui, other, "null", ""},
		"same-origin at home": {
			"same-origin", ui, "http://localhost:3000/", "http://localhost:3000", ui,
		},
		"strict-origin": {
			"strict-origin", ui, other, "http://localhost:3000", "http://localhost:3000/",
		},
		"strict-origin to plain http": {"strict-origin", secure, other, "null", ""},
		"origin": {
			"origin", secure, other, "https://id.example.com", "https://id.example.com/",
		},
		"unsafe-url": {"unsafe-url", secure, other, "https://id.example.com", secure},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			from, to := parse(t, test.from), parse(t, test.to)
			got := []string{originHeader(test.policy, from, to), refererHeader(test.policy, from, to)}
			if diff := cmp.Diff([]string{test.origin, test.referer}, got); diff != "" {
				t.Errorf("Origin and Referer (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFormActionIsHeldAgainstEveryAddress(t *testing.T) {
	tests := map[string]struct {
		policies []string
		to       string
		want     bool
	}{
		"no policy permits all":          {nil, "http://a.example/", true},
		"no directive permits all":       {[]string{"default-src 'none'"}, "http://a.example/", true},
		"'none' permits nothing":         {[]string{"form-action 'none'"}, "http://localhost:3000/", false},
		"'self' permits the page's own":  {[]string{"form-action 'self'"}, "http://localhost:3000/x", true},
		"'self' is not another port":     {[]string{"form-action 'self'"}, "http://localhost:4433/", false},
		"a named origin is permitted":    {[]string{"form-action 'self' http://a.example"}, "http://a.example/x", true},
		"a scheme is permitted":          {[]string{"form-action https:"}, "https://b.example/", true},
		"a bare host has page's scheme":  {[]string{"form-action a.example"}, "https://a.example/", false},
		"every policy has to permit it":  {[]string{"form-action *", "form-action 'self'"}, "http://b.example/", false},
		"the directive is found in many": {[]string{"img-src *; Form-Action 'none'"}, "http://b.example/", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			targets := formTargetsOf(parse(t, "http://localhost:3000/login"),
				http.Header{"Content-Security-Policy": test.policies})
			if got := targets.permit(parse(t, test.to)); got != test.want {
				t.Errorf("got %t, want %t", got, test.want)
			}
		})
	}
}
