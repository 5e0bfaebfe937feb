package flow

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"

	"example.com/identityd/bench/wire"
)

// most is how many redirects a browser follows before it says that they do not end.
const most = 12

// Browser is one person's browser without scripts.
type Browser struct {
	client *wire.Client
	jar    *cookiejar.Jar

	// at is where it is, off the side where a redirect led to an application; status and page are what it got there.
	at     *url.URL
	status int
	page   []byte
}

// NewBrowser returns a browser without cookies.
func NewBrowser(client *wire.Client) *Browser {
	jar, _ := cookiejar.New(nil) // it has no error to return
	return &Browser{client: client, jar: jar, at: &url.URL{}}
}

// Cookies are those that it would send to the address, as a header.
func (b *Browser) Cookies(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", fmt.Errorf("reading an address: %w", err)
	}
	return b.cookies(u), nil
}

// Copy returns a browser with the cookies that this one has for the addresses.
func (b *Browser) Copy(addresses ...string) (*Browser, error) {
	out := NewBrowser(b.client)
	for _, a := range addresses {
		u, err := url.Parse(a)
		if err != nil {
			return nil, fmt.Errorf("reading an address: %w", err)
		}
		out.jar.SetCookies(u, b.jar.Cookies(u))
	}
	return out, nil
}

func (b *Browser) cookies(u *url.URL) string {
	var out strings.Builder
	for _, c := range b.jar.Cookies(u) {
		if out.Len() > 0 {
			out.WriteString("; ")
		}
		out.WriteString(c.Name + "=" + c.Value)
	}
	return out.String()
}

// Open goes to an address and follows redirects, to the side's end.
func (b *Browser) Open(address string) error {
	return b.send(http.MethodGet, address, "", most)
}

// Submit fills in the form that has the fields, leaves out those of without, and presses its first button.
func (b *Browser) Submit(with map[string]string, without ...string) error {
	return b.submit(with, without, most)
}

func (b *Browser) submit(with map[string]string, without []string, redirects int) error {
	names := make([]string, 0, len(with))
	for n := range with {
		names = append(names, n)
	}
	slices.Sort(names)
	f := formWith(b.page, names...)
	if f == nil {
		return fmt.Errorf("%s (%d) has no form with %s", b.where(), b.status, strings.Join(names, ", "))
	}
	for n, v := range with {
		if v != "" {
			f.fields.Set(n, v)
		}
	}
	for _, n := range without {
		f.fields.Del(n)
	}
	if f.button != "" {
		f.fields.Set(f.button, f.value)
	}
	to, err := b.at.Parse(f.action)
	if err != nil {
		return fmt.Errorf("reading the action of a form: %w", err)
	}
	if f.method != http.MethodPost {
		return fmt.Errorf("%s: the form with %s is sent by %q, not by POST", b.where(), strings.Join(names, ", "), f.method)
	}
	return b.send(http.MethodPost, to.String(), f.fields.Encode(), redirects)
}

// send makes a request and follows so many redirects.
func (b *Browser) send(method, address, body string, redirects int) error {
	from, site := b.at.Host, "none" // typed, or opened by a link of another application
	for {
		u, err := url.Parse(address)
		if err != nil {
			return errors.New("reading an address: it is no URL")
		}
		if method == http.MethodPost {
			site = "same-site"
			if u.Host == from {
				site = "same-origin"
			}
		}
		b.at, b.page = u, nil
		if !b.client.Knows(u.Host) {
			return nil
		}
		r := wire.Request{Method: method, URL: address, Cookie: b.cookies(u), Accept: "text/html", Site: site}
		if method == http.MethodPost {
			r.Type, r.Body = wire.Form, body
		}
		location := ""
		if err := b.client.Do(r, func(a *wire.Answer) error { return b.took(u, a, &location) }); err != nil {
			return err
		}
		if location == "" || redirects == 0 {
			return nil
		}
		redirects--
		if redirects == 0 {
			return fmt.Errorf("%s: redirects do not end", b.where())
		}
		to, err := u.Parse(location)
		if err != nil {
			return errors.New("reading a redirect: it is no URL")
		}
		method, address, body = http.MethodGet, to.String(), ""
	}
}

func (b *Browser) took(u *url.URL, a *wire.Answer, location *string) error {
	var set []*http.Cookie
	for _, line := range a.Cookies() {
		c, err := http.ParseSetCookie(line)
		if err != nil {
			return fmt.Errorf("reading a cookie: %w", err)
		}
		set = append(set, c)
	}
	b.jar.SetCookies(u, set)
	b.status = a.Status
	switch {
	case a.Status >= 300 && a.Status < 400:
		if *location = a.Header("Location"); *location == "" {
			return errors.New("a redirect to nowhere")
		}
	case a.Status >= 400:
		return errors.New("not a page to go on from")
	default:
		b.page = append(b.page[:0], a.Body...)
	}
	return nil
}

// where is the address without its query, which has challenges and codes in it.
func (b *Browser) where() string {
	u := *b.at
	u.RawQuery, u.Fragment = "", ""
	return u.String()
}
