package wire

import (
	"fmt"
	"strings"

	"github.com/valyala/fasthttp"
)

// The types of bodies.
const (
	Form = "application/x-www-form-urlencoded"
	JSON = "application/json"
)

// Request is what is sent.
type Request struct {
	Method, URL string
	// Type and Body are empty where there is none.
	Type, Body string
	// Cookie, Authorization and Accept are headers, left out when empty.
	Cookie, Authorization, Accept string
	// Site, when set, says that a person goes somewhere, and from where, as every browser does (Fetch Metadata): none, same-site or same-origin.
	Site string
}

// Answer is what came back. It is valid until the function that got it returns.
type Answer struct {
	Status int
	Body   []byte
	header *fasthttp.ResponseHeader
}

// Header is the first value of a header.
func (a *Answer) Header(name string) string { return string(a.header.Peek(name)) }

// Cookies are those that it sets, as they were written.
func (a *Answer) Cookies() []string {
	var out []string
	for _, v := range a.header.Cookies() {
		out = append(out, string(v))
	}
	return out
}

// Do sends the request and hands the answer to look, whose verdict it returns.
func (c *Client) Do(r Request, look func(*Answer) error) error {
	scheme, rest, ok := strings.Cut(r.URL, "://")
	if !ok {
		return fmt.Errorf("calling %q: no absolute address", withoutQuery(r.URL))
	}
	name, path, _ := strings.Cut(rest, "/")
	path, _, _ = strings.Cut(path, "#")
	to, err := c.take(name)
	if err != nil {
		return err
	}
	req, res := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(req)
	defer fasthttp.ReleaseResponse(res)
	req.Header.SetMethod(r.Method)
	req.SetRequestURI("/" + path)
	req.Header.SetHost(name)
	// Bodies come as they are: unpacking them would cost the client as much as packing cost the server.
	if scheme == "https" {
		req.Header.Set("X-Forwarded-Proto", "https")
		req.Header.Set("X-Forwarded-For", visitor)
	}
	set(&req.Header, "Cookie", r.Cookie)
	set(&req.Header, "Authorization", r.Authorization)
	set(&req.Header, "Accept", r.Accept)
	if r.Site != "" {
		req.Header.Set("Sec-Fetch-Site", r.Site)
		req.Header.Set("Sec-Fetch-Mode", "navigate")
		req.Header.Set("Sec-Fetch-Dest", "document")
	}
	if r.Type != "" {
		req.Header.SetContentType(r.Type)
		req.SetBodyString(r.Body)
	}
	if err := to.Do(req, res); err != nil {
		return fmt.Errorf("calling %s %s: %w", r.Method, withoutQuery(r.URL), err)
	}
	answer := Answer{Status: res.StatusCode(), Body: res.Body(), header: &res.Header}
	if err := look(&answer); err != nil {
		return fmt.Errorf("%s %s answered %d: %w", r.Method, withoutQuery(r.URL), answer.Status, err)
	}
	return nil
}

func set(h *fasthttp.RequestHeader, name, value string) {
	if value != "" {
		h.Set(name, value)
	}
}

// withoutQuery keeps challenges, codes and tokens out of errors.
func withoutQuery(address string) string {
	before, _, _ := strings.Cut(address, "?")
	return before
}
