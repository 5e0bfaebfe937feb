package stacktest

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"testing"

	"example.com/identityd/internal/htmltest"
)

// AppHost is the host of an application that nobody serves: a Browser stops at a redirect to it.
const AppHost = "app.invalid"

// Browser is one person's browser without scripts: cookies, redirects, forms.
type Browser struct {
	t      testing.TB
	client *http.Client
	// Says makes it say that a person goes somewhere, as browsers do (Fetch Metadata); without, it is a program.
	Says bool
	// URL is where it is; at AppHost when an application was reached.
	URL *url.URL
	// Status and Page are what it got there; Page is nil at AppHost and for anything but HTML.
	Status int
	Page   *htmltest.Page
}

// NewBrowser returns a browser without cookies.
func NewBrowser(t testing.TB) *Browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	return &Browser{t: t, client: &http.Client{
		Jar: jar, Transport: transport,
		CheckRedirect: func(r *http.Request, via []*http.Request) error {
			if r.URL.Hostname() == AppHost || len(via) > 15 {
				return http.ErrUseLastResponse
			}
			return nil
		},
	}}
}

// Open goes to the address.
func (b *Browser) Open(address string) {
	b.t.Helper()
	b.send(http.MethodGet, address, nil)
}

// Submit sends the form that has the fields, with them filled in and its other fields as they are.
func (b *Browser) Submit(form string, fields map[string]string) {
	b.t.Helper()
	f := b.Page.FormWith(form, slices.Sorted(maps.Keys(fields))...)
	for k, v := range fields {
		f.Fields.Set(k, v)
	}
	target, err := b.URL.Parse(f.Action)
	if err != nil {
		b.t.Fatal(err)
	}
	b.send(http.MethodPost, target.String(), f.Fields)
}

// Code returns the status of a GET by the browser's cookies, without going there.
func (b *Browser) Code(address string) int {
	b.t.Helper()
	there := *b
	there.send(http.MethodGet, address, nil)
	return there.Status
}

func (b *Browser) send(method, address string, fields url.Values) {
	b.t.Helper()
	body := io.Reader(http.NoBody)
	if fields != nil {
		body = strings.NewReader(fields.Encode())
	}
	req, err := http.NewRequestWithContext(b.t.Context(), method, address, body)
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Accept", "text/html")
	if fields != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if b.Says {
		req.Header.Set("Sec-Fetch-Mode", "navigate")
		req.Header.Set("Sec-Fetch-Dest", "document")
		req.Header.Set("Sec-Fetch-Site", "none")
		if fields != nil {
			req.Header.Set("Sec-Fetch-Site", "same-origin")
		}
	}
	res, err := b.client.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	b.URL, b.Status, b.Page = res.Request.URL, res.StatusCode, nil
	if to, err := res.Location(); err == nil && to.Hostname() == AppHost {
		b.URL = to
		return
	}
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	if strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
		b.Page = htmltest.Parse(b.t, bytes.NewReader(raw))
	}
}
