package stacktest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"example.com/identityd/internal/identity"
)

// flow returns the self-service flow whose page the browser is on, as Kratos has it.
func (b *Browser) flow(s *Stack) *identity.Flow {
	b.t.Helper()
	id, kind := b.URL.Query().Get("flow"), strings.TrimPrefix(b.URL.Path, "/")
	if id == "" {
		b.t.Fatalf("got %s (%d), want the page of a flow", b.URL.Redacted(), b.Status)
	}
	var f identity.Flow
	b.read(s.URLs.Kratos+"/self-service/"+kind+"/flows?id="+id, &f)
	return &f
}

// answer sends the flow whose page the browser is on, with the fields and with what every form of it has.
func (b *Browser) answer(s *Stack, fields map[string]string) {
	b.t.Helper()
	f := b.flow(s)
	form := url.Values{}
	for _, n := range f.UI.Nodes {
		if a := n.Attributes; n.Group == "default" && a.Type != "submit" && a.Value != nil {
			form.Set(a.Name, fmt.Sprint(a.Value))
		}
	}
	for name, value := range fields {
		form.Set(name, value)
	}
	b.send(http.MethodPost, f.UI.Action, form)
}

// node returns a node of the flow by its name or id.
func node(t testing.TB, f *identity.Flow, name string) identity.Node {
	t.Helper()
	for _, n := range f.UI.Nodes {
		if n.Attributes.Name == name || n.Attributes.ID == name {
			return n
		}
	}
	t.Fatalf("the flow has no %s", name)
	return identity.Node{}
}

// said reports whether the flow shows the message.
func said(f *identity.Flow, id int64) bool {
	for _, m := range f.UI.Messages {
		if m.ID == id {
			return true
		}
	}
	return false
}

// whoami returns who is signed in and how well, or nil.
func (b *Browser) whoami(s *Stack) *identity.Session {
	b.t.Helper()
	var out identity.Session
	if b.read(s.URLs.Kratos+"/sessions/whoami", &out) != http.StatusOK {
		return nil
	}
	return &out
}

// read asks for JSON by the browser's cookies, without going there.
func (b *Browser) read(address string, into any) int {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, address, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	req.Header.Set("Accept", "application/json")
	res, err := b.client.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(res.Body).Decode(into); err != nil {
		b.t.Fatalf("%s: %v", address, err)
	}
	return res.StatusCode
}
