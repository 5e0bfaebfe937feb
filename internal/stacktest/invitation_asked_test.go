package stacktest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"testing"

	"example.com/identityd/internal/identity"
)

// invitationMade is what the admin API answers (internal/kratos/invitation_admin.go).
type invitationMade struct {
	ID, State, Link string
	By              string `json:"identity_id"`
	Taken           *bool  `json:"has_account"`
}

func invite(t *testing.T, s *Stack, body map[string]any) (out invitationMade, status int, reason string) {
	t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	answer, status := adminCall(t, s, http.MethodPost, "", raw)
	var refused struct{ Error struct{ Reason string } }
	if json.Unmarshal(answer, &out) != nil || json.Unmarshal(answer, &refused) != nil {
		t.Fatalf("got %d and %s", status, answer)
	}
	return out, status, refused.Error.Reason
}

func invited(t *testing.T, s *Stack, address string, groups ...string) invitationMade {
	t.Helper()
	i, status, reason := invite(t, s, map[string]any{"address": address, "groups": groups})
	if status != http.StatusOK || i.Link == "" {
		t.Fatalf("inviting %s: got %d and %q", address, status, reason)
	}
	return i
}

func adminCall(t *testing.T, s *Stack, method, id string, body []byte) (answer []byte, status int) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.URLs.KratosAdmin+"/admin/identityd/invitations"+id, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err = io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer, res.StatusCode
}

// stateOf is what the list says of an invitation.
func stateOf(t *testing.T, s *Stack, id string) invitationMade {
	t.Helper()
	raw, _ := adminCall(t, s, http.MethodGet, "", nil)
	var list []invitationMade
	if err := json.Unmarshal(raw, &list); err != nil {
		t.Fatalf("%v: %s", err, raw)
	}
	for _, one := range list {
		if one.ID == id {
			return one
		}
	}
	t.Fatalf("the list has no %s", id)
	return invitationMade{}
}

// personBy returns who signs in with an address, or nil.
func personBy(t *testing.T, s *Stack, address string) *identity.Identity {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
		s.URLs.KratosAdmin+"/admin/identities?"+url.Values{"credentials_identifier": {address}}.Encode(), nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var list []identity.Identity
	if err := json.NewDecoder(res.Body).Decode(&list); err != nil {
		t.Fatal(err)
	}
	if len(list) == 0 {
		return nil
	}
	return &list[0]
}

func groupsOf(p *identity.Identity) []any {
	if p == nil {
		return nil
	}
	list, _ := p.MetadataPublic["groups"].([]any)
	return list
}

// heading is that of the page.
func (b *Browser) heading() string {
	b.t.Helper()
	if b.Page == nil {
		return ""
	}
	return b.Page.Text("h1")
}

// signUpInvited opens the link, and the form that it leads to.
func signUpInvited(b *Browser, s *Stack, link string) {
	b.t.Helper()
	b.Open(link)
	if got := b.heading(); got != "You are invited" {
		b.t.Fatalf("got %s: %q, want the page of the invitation", b.URL.Path, got)
	}
	b.Open(s.URLs.UI + "/registration?" + url.Values{"return_to": {s.URLs.UI + "/invitation"}}.Encode())
}
