package stacktest

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"example.com/identityd/internal/gateway"
	"example.com/identityd/internal/ui/uitest"
)

// publicRoutes returns "METHOD /path" of everything that the public listener serves: what the routers of the
// engines have, as far as the gateway sends it to them, and the pages' own table.
func publicRoutes(t *testing.T) []string {
	t.Helper()
	var out []string
	for part, file := range map[gateway.Part]string{gateway.Hydra: "../hydra/testdata/routes.json", gateway.Kratos: "../kratos/testdata/routes.json"} {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var routes []string
		if err := json.Unmarshal(raw, &routes); err != nil {
			t.Fatal(err)
		}
		for _, route := range routes {
			path, methods, _ := strings.Cut(route, " ")
			if gateway.PartOf(path) != part && !strings.HasPrefix(path, "/health") {
				continue
			}
			for _, method := range strings.Fields(methods) {
				out = append(out, method+" "+path)
			}
		}
	}
	for _, route := range uitest.NewStage(t, nil).UI.Routes() {
		if !strings.Contains(route, " ") {
			route = "GET " + route + "nowhere/at/all"
		}
		out = append(out, strings.ReplaceAll(route, "{$}", ""))
	}
	out = append(out, "GET /assets/app.css", "GET /robots.txt", "GET /favicon.ico", "GET /admin/identities", "GET /metrics", "GET /debug/vars", "GET /version")
	slices.Sort(out)
	return slices.Compact(out)
}

// into puts a value where a route has a name for one.
func into(path, value string) string {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if strings.HasPrefix(part, ":") || strings.HasPrefix(part, "{") {
			parts[i] = url.PathEscape(value)
			if value == "" {
				parts[i] = "%20"
			}
		}
	}
	return strings.Join(parts, "/")
}

// everyParam gives each parameter the value.
func everyParam(value string) string {
	v := url.Values{}
	for _, name := range hostileParams() {
		v.Set(name, value)
	}
	return v.Encode()
}

const (
	asForm = "application/x-www-form-urlencoded"
	asJSON = "application/json"
)

// hostileShots are the requests for one route. With all set each parameter has a request of its own.
func hostileShots(route string, all bool) []shot {
	method, path, _ := strings.Cut(route, " ")
	values := fewer()
	if all {
		values = hostileValues()
	}
	var out []shot
	for _, what := range slices.Sorted(maps.Keys(values)) {
		value := values[what]
		params := everyParam(value)
		if len(value) > 1000 {
			// More would be refused for its length alone.
			params = url.Values{"flow": {value}, "return_to": {value}}.Encode()
		}
		page := map[string]string{"Accept": "text/html"}
		out = append(out, shot{what: what, method: method, path: into(path, value), query: params, header: page})
		if method != http.MethodGet && method != http.MethodHead {
			out = append(out, shot{what: what, method: method, path: into(path, "x"), kind: asForm, body: params, header: page})
			raw, err := json.Marshal(map[string]any{"method": value, "csrf_token": value, "identifier": value, "traits": map[string]any{"email": value}, "password": value, "code": value})
			if err == nil {
				out = append(out, shot{what: what, method: method, path: into(path, "x"), kind: asJSON, body: string(raw)})
			}
		}
		if !all {
			continue
		}
		out = append(out, shot{what: what + " in the path", method: method, path: into(path, "x") + "/" + url.PathEscape(value)})
		for _, name := range hostileParams() {
			out = append(out, shot{what: what, method: method, path: into(path, "x"), query: url.Values{name: {value}}.Encode(), header: page})
		}
	}
	return out
}

// oddShots are requests whose form is wrong, not their values.
func oddShots(path string) []shot {
	var out []shot
	for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "GETX"} {
		out = append(out, shot{what: "any method", method: method, path: path})
	}
	for kind, body := range map[string]string{
		asJSON:                          `{"a":` + strings.Repeat("[", 2000),
		asJSON + "; charset=utf-16":     `[]`,
		asForm:                          "a=%zz&b=%&=&;;&&a[]=1&" + strings.Repeat("x=1&", 2000),
		"multipart/form-data; boundary": "--x\r\n",
		"multipart/form-data":           "--x\r\nContent-Disposition: form-data; name=\"a\"; filename=\"../../x\"\r\n\r\nb\r\n--x--",
		"text/plain":                    "null",
		"application/xml":               `<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>`,
		"\u202e/;;=":                    "\x00",
	} {
		out = append(out, shot{what: "a wrong body", method: "POST", path: path, kind: kind, body: body})
	}
	for _, query := range []string{"%zz", "a=%00", "a;b", strings.Repeat("a=1&", 3000), "flow=1&flow=2", "%", "?&=&=", "a[b][c]=1"} {
		out = append(out, shot{what: "a broken query", method: "GET", path: path, query: query})
	}
	for name, value := range map[string]string{
		"Cookie": "ory_kratos_session=%00; __Host-ory_hydra_session=\"; csrf_token_x=" + strings.Repeat("A", 4000), "Accept": "text/html;q=x,*/*;q=99999,\xff",
		"Accept-Language": strings.Repeat("a-", 400), "Authorization": "Basic " + strings.Repeat("=", 100), "X-Forwarded-For": "' OR 1=1, \x7f", "Origin": "null",
		"X-Session-Token": "<script>alert(7)</script>", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "javascript", "Range": "bytes=0-,5-1,-99999999999",
		"X-HTTP-Method-Override": "DELETE", "If-None-Match": `"` + strings.Repeat("a", 3000), "Host": "evil.example", "Expect": "200-maybe", "Sec-Fetch-Site": "cross-site",
		"X-Request-Id": "<script>alert(7)</script>", "Traceparent": "00-zz", "Referer": "https://evil.example/",
	} {
		out = append(out, shot{what: "the header " + name, method: "GET", path: path, header: map[string]string{name: value, "X-Try": "1"}})
	}
	for _, odd := range []string{"/..%2f..%2fadmin/identities", "//" + strings.TrimPrefix(path, "/"), path + "/", path + "%00", path + ";a=b", path + "/%2e%2e/%2e%2e/", "/%2561" + path, path + "%0d%0aX-Injected:1"} {
		out = append(out, shot{what: "another spelling", method: "GET", path: odd, header: map[string]string{"Accept": "text/html"}})
	}
	return out
}

// rawRequests are what no client sends: the server has to refuse each, and must not take two for one.
func rawRequests(host string) map[string]string {
	h := "Host: " + host + "\r\n"
	return map[string]string{
		"two lengths":               "POST /oauth2/token HTTP/1.1\r\n" + h + "Content-Length: 4\r\nContent-Length: 44\r\n\r\nabcd",
		"a length and chunks":       "POST /oauth2/token HTTP/1.1\r\n" + h + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /admin HTTP/1.1\r\n\r\n",
		"an unknown encoding":       "POST /oauth2/token HTTP/1.1\r\n" + h + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
		"a folded header":           "GET / HTTP/1.1\r\n" + h + "X-A: b\r\n c\r\nX-B\x00: d\r\n\r\n",
		"no host":                   "GET / HTTP/1.1\r\n\r\n",
		"two hosts":                 "GET / HTTP/1.1\r\n" + h + "Host: evil.example\r\n\r\n",
		"an old protocol":           "GET /\r\n\r\n",
		"no protocol at all":        "\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03\r\n\r\n",
		"a header that is too long": "GET / HTTP/1.1\r\n" + h + "X-A: " + strings.Repeat("a", 80<<10) + "\r\n\r\n",
		"too many headers":          "GET / HTTP/1.1\r\n" + h + strings.Repeat("X-A: b\r\n", 8000) + "\r\n",
		"a chunk that is no number": "POST /oauth2/token HTTP/1.1\r\n" + h + "Transfer-Encoding: chunked\r\n\r\n-1\r\nabc\r\n0\r\n\r\n",
		"another site's address":    "GET http://evil.example/ HTTP/1.1\r\n" + h + "\r\n",
		"a tunnel":                  "CONNECT 127.0.0.1:22 HTTP/1.1\r\n" + h + "\r\n",
	}
}
