package sdk

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// browser is a person's: cookies, redirects and the forms of the pages, without scripts.
type browser struct {
	client *http.Client
	// at is where it is, status and page what it got there.
	at     *url.URL
	status int
	page   string
	// email and subject are of the person.
	email, subject string
}

// signedUp returns the browser of somebody who has made an account through the page.
func signedUp(ctx context.Context, t *testing.T, base string) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{client: &http.Client{Jar: jar}, email: mail()}
	b.open(ctx, t, base+"/self-service/registration/browser")
	b.submit(ctx, t, map[string]string{"traits.email": b.email, "password": password, "method": "password"})
	b.open(ctx, t, base+"/sessions/whoami")
	var who struct {
		Identity struct {
			ID string `json:"id"`
		} `json:"identity"`
	}
	decode(t, b.page, &who)
	if b.subject = who.Identity.ID; b.status != http.StatusOK || b.subject == "" {
		t.Fatalf("whoami answered %d after a sign-up", b.status)
	}
	return b
}

func (b *browser) open(ctx context.Context, t *testing.T, address string) {
	t.Helper()
	b.send(ctx, t, http.MethodGet, address, "")
}

// submit sends the form that has the fields, with them filled in.
func (b *browser) submit(ctx context.Context, t *testing.T, fields map[string]string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(b.page))
	if err != nil {
		t.Fatal(err)
	}
	for form := range doc.Descendants() {
		if form.Type != html.ElementNode || form.Data != "form" {
			continue
		}
		there, values := fieldsOf(form)
		missing := false
		for name, value := range fields {
			missing = missing || !slices.Contains(there, name)
			values.Set(name, value)
		}
		if missing {
			continue
		}
		target, err := b.at.Parse(attribute(form, "action"))
		if err != nil {
			t.Fatal(err)
		}
		b.send(ctx, t, http.MethodPost, target.String(), values.Encode())
		return
	}
	t.Fatalf("%s (%d) has no form with %v:\n%.1500s", b.at.Path, b.status, fields, b.page)
}

// fieldsOf returns the names of all fields and buttons, and what a browser sends of what is filled in.
func fieldsOf(form *html.Node) (names []string, values url.Values) {
	values = url.Values{}
	for n := range form.Descendants() {
		if n.Type != html.ElementNode || n.Data != "input" && n.Data != "button" {
			continue
		}
		name := attribute(n, "name")
		names = append(names, name)
		checked := slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "checked" })
		if attribute(n, "type") == "hidden" || checked {
			values.Add(name, attribute(n, "value"))
		}
	}
	return names, values
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func (b *browser) send(ctx context.Context, t *testing.T, method, address, form string) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(form))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "text/html")
	if form != "" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := b.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	b.at, b.status, b.page = res.Request.URL, res.StatusCode, string(raw)
}
