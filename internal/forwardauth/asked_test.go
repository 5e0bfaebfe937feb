package forwardauth

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func headers(lines ...string) http.Header {
	h := http.Header{}
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		h.Add(name, value)
	}
	return h
}

func TestWhatAProxyAsks(t *testing.T) {
	usual := []string{"X-Forwarded-Proto: https", "X-Forwarded-Host: App.Example.com:443", "X-Forwarded-Uri: /a?b=%2e", "X-Forwarded-Method: POST"}
	for name, tt := range map[string]struct {
		lines []string
		want  string // empty: it is not understood
	}{
		"Traefik and Caddy":                      {usual, "POST https://app.example.com/a?b=%2e"},
		"nginx":                                  {[]string{"X-Original-URL: https://app.example.com/a?b", "X-Original-Method: GET"}, "GET https://app.example.com/a?b, statuses"},
		"a port that is not the usual one stays": {[]string{"X-Original-URL: http://app.example.com:8080/"}, "GET http://app.example.com:8080/, statuses"},
		"IPv6":                                   {[]string{"X-Original-URL: https://[::1]:443/"}, "GET https://[::1]/, statuses"},
		"a socket of the web":                    {[]string{"X-Forwarded-Proto: wss", "X-Forwarded-Host: app.example.com", "X-Forwarded-Uri: /"}, "GET https://app.example.com/"},
		"a name with a dot at its end":           {[]string{"X-Forwarded-Host: app.example.com.", "X-Forwarded-Uri: /"}, "GET https://app.example.com/"},
		"both kinds that say the same":           {append([]string{"X-Original-URL: https://app.example.com/a?b=%2e"}, usual...), "GET https://app.example.com/a?b=%2e, statuses"},
		"a browser made up another path":         {append([]string{"X-Original-URL: https://app.example.com/public"}, usual...), ""},
		"a browser made up another host":         {[]string{"X-Original-URL: https://app.example.com/", "X-Forwarded-Host: other.example.com"}, ""},
		"a browser made up a path for nginx":     {[]string{"X-Original-URL: https://app.example.com/admin", "X-Forwarded-Uri: /public"}, ""},
		"nothing":                                {nil, ""},
		"half":                                   {[]string{"X-Forwarded-Host: app.example.com"}, ""},
		"two of one":                             {append([]string{"X-Forwarded-Host: other.example.com"}, usual...), ""},
		"a list of two proxies":                  {[]string{"X-Forwarded-Host: a.example.com, app.example.com", "X-Forwarded-Uri: /"}, ""},
		"somebody's password":                    {[]string{"X-Forwarded-Host: u:p@app.example.com", "X-Forwarded-Uri: /"}, ""},
		"a host that goes on":                    {[]string{"X-Forwarded-Host: app.example.com/x", "X-Forwarded-Uri: /"}, ""},
		"another scheme":                         {[]string{"X-Original-URL: javascript://app.example.com/"}, ""},
		"no path":                                {[]string{"X-Original-URL: https://app.example.com"}, ""},
		"an address for a path":                  {[]string{"X-Forwarded-Host: app.example.com", "X-Forwarded-Uri: https://evil.example/"}, ""},
		"a fragment":                             {[]string{"X-Forwarded-Host: app.example.com", "X-Forwarded-Uri: /#x"}, ""},
		"a path without end":                     {[]string{"X-Forwarded-Host: app.example.com", "X-Forwarded-Uri: /" + strings.Repeat("x", longest)}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			a, err := Read(headers(tt.lines...))
			got := ""
			if err == nil {
				got = a.Method + " " + a.URL()
				if a.Status {
					got += ", statuses"
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s (%v)", diff, err)
			}
		})
	}
}
