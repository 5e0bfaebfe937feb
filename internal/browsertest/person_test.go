package browsertest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"example.com/identityd/internal/stacktest"
)

const password = "correct-horse-battery-9"

// post sends JSON and reads what was made.
func post(t *testing.T, address string, body, into any) {
	t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	decode(t, res, http.StatusCreated, into)
}

// newPerson makes an account as an operator does, and returns its address.
func newPerson(t *testing.T, s *stacktest.Stack, name string) string {
	t.Helper()
	email := strings.ToLower(name) + "@example.com"
	var made struct{}
	post(t, s.URLs.KratosAdmin+"/admin/identities", map[string]any{
		"schema_id": "email@1", "traits": map[string]any{"email": email, "name": name},
		"credentials": map[string]any{"password": map[string]any{"config": map[string]any{"password": password}}},
	}, &made)
	return email
}

// signIn fills the form for signing in.
func (b *tab) signIn(email, secret string) {
	b.t.Helper()
	b.heading("Sign in")
	b.fill("identifier", email)
	b.fill("password", secret)
	b.press("main button[name=method][value=password]")
}

// signUp fills the form for signing up.
func (b *tab) signUp(email, secret string) {
	b.t.Helper()
	b.heading("Create your account")
	b.fill("traits.email", email)
	b.fill("password", secret)
	b.press("main button[name=method][value=password]")
}

// mailBound is how long a mail may take: the courier looks for new ones from time to time.
const mailBound = time.Minute

// mail waits until the inbox has a mail for the person that says something in its subject, and
// returns the XPath of its line.
func (b *tab) mail(s *stacktest.Stack, email, subject string) string {
	b.t.Helper()
	line := fmt.Sprintf(`//ul[@class="mails"]/li[contains(., %q)][contains(a, %q)]`, email, subject)
	bound := time.After(mailBound)
	again := time.NewTicker(250 * time.Millisecond)
	defer again.Stop()
	for {
		b.visit(s.URLs.UI + "/account/inbox")
		b.heading("Inbox")
		if b.has(line) {
			return line
		}
		select {
		case <-bound:
			b.t.Fatalf("no mail for %s with %q in its subject came in %s", email, subject, mailBound)
		case <-again.C:
		}
	}
}

// useCode takes a mail's code into the flow that waits for it.
func (b *tab) useCode(line string) {
	b.t.Helper()
	b.pressPath(line + `//a[normalize-space()="Use this code"]`)
}

// openLink opens a mail's own link, as one does who reads it elsewhere or later.
func (b *tab) openLink(line string) {
	b.t.Helper()
	b.pressPath(line + `//a[normalize-space()="Open the link"]`)
}
