package demo

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// requestTime bounds each request to the provider, which is on this machine or close to it.
const requestTime = 10 * time.Second

// maxAnswer bounds what is read of an answer. Discovery documents and tokens are far smaller.
const maxAnswer = 1 << 20

// masked stands where the client's secret was.
const masked = "***"

// pair is a header, or a parameter.
type pair struct{ Name, Value string }

// exchange is one request and its answer, as a page shows them.
type exchange struct {
	Name   string
	Method string
	URL    string
	Query  []pair // the parameters of URL, decoded
	Header []pair
	Form   []pair // the body, when it is a form
	Body   string // the body, when it is something else
	Curl   string

	Status string // 200 OK, or empty when there was no answer
	OK     bool
	Answer []pair // the headers of the answer that matter here
	Reply  string
}

// recorder is an http.RoundTripper that keeps what passes through, without the client's secret.
type recorder struct {
	next   http.RoundTripper
	secret string
	name   string
	seen   []exchange
	// mayMiss says that 404 is an answer like any other.
	mayMiss bool
}

// RoundTrip sends the request and keeps it with its answer.
func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	var body []byte
	if req.Body != nil {
		var err error
		if body, err = io.ReadAll(io.LimitReader(req.Body, maxAnswer)); err != nil {
			return nil, fmt.Errorf("reading the request: %w", err)
		}
		req.Body.Close()
		// A RoundTripper must not change the request it was given.
		req = req.Clone(req.Context())
		req.Body = io.NopCloser(bytes.NewReader(body))
	}
	x := describe(r.name, req, body, r.secret)
	res, err := r.next.RoundTrip(req)
	if err != nil {
		r.seen = append(r.seen, x)
		return nil, err
	}
	answer, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	res.Body.Close()
	if err != nil {
		r.seen = append(r.seen, x)
		return nil, fmt.Errorf("reading the answer: %w", err)
	}
	res.Body = io.NopCloser(bytes.NewReader(answer))
	x.Status, x.OK = res.Status, res.StatusCode < 400
	if res.StatusCode == http.StatusNotFound && r.mayMiss {
		// What a first run is told; in red it would look like a fault.
		x.Status, x.OK = res.Status+" (not registered yet)", true
	}
	for _, name := range []string{"Content-Type", "Cache-Control", "Location", "Www-Authenticate"} {
		if value := res.Header.Get(name); value != "" {
			x.Answer = append(x.Answer, pair{name, value})
		}
	}
	x.Reply = pretty(answer)
	if r.secret != "" {
		x.Reply = strings.ReplaceAll(x.Reply, r.secret, masked)
	}
	r.seen = append(r.seen, x)
	return res, nil
}

// describe is the request as a page shows it.
func describe(name string, req *http.Request, body []byte, secret string) exchange {
	x := exchange{
		Name: name, Method: req.Method, URL: req.URL.String(),
		Query: pairs(req.URL.Query(), secret),
	}
	basic := false
	for _, key := range []string{"Accept", "Authorization", "Content-Type"} {
		value := req.Header.Get(key)
		if value == "" {
			continue
		}
		if key == "Authorization" && strings.HasPrefix(value, "Basic ") {
			basic, value = true, "Basic "+masked
		}
		x.Header = append(x.Header, pair{key, value})
	}
	switch {
	case strings.HasPrefix(req.Header.Get("Content-Type"), "application/x-www-form-urlencoded"):
		// What does not parse was not made by this program.
		form, _ := url.ParseQuery(string(body))
		x.Form = pairs(form, secret)
	case len(body) > 0:
		x.Body = pretty(body)
		if secret != "" {
			x.Body = strings.ReplaceAll(x.Body, secret, masked)
		}
	}
	user := ""
	if basic {
		user, _, _ = req.BasicAuth()
	}
	x.Curl = curl(x, user)
	return x
}

func pairs(values url.Values, secret string) []pair {
	var out []pair
	for name, list := range values {
		for _, value := range list {
			if name == "client_secret" || (secret != "" && value == secret) {
				value = masked
			}
			out = append(out, pair{name, value})
		}
	}
	slices.SortFunc(out, func(a, b pair) int { return strings.Compare(a.Name, b.Name) })
	return out
}
