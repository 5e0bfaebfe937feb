package stacktest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/tried"
)

// TestByInvitation goes through sign-ups where nobody may without an invitation, with two replicas behind a balancer
// and on SQLite.
func TestByInvitation(t *testing.T) {
	for name, start := range map[string]func(*testing.T) (front, second *Stack){
		"two replicas on PostgreSQL": func(t *testing.T) (*Stack, *Stack) {
			return replicas(t, Set("registration.mode", "invite"), Set("identity.verification", "required"), Set("login.first.code.enabled", "true"))
		},
		"SQLite": func(t *testing.T) (*Stack, *Stack) {
			Long(t) // in every run people_are_invited of internal/scripttest is on SQLite
			s := Start(t, Set("registration.mode", "invite"), Set("identity.verification", "required"), Set("login.first.code.enabled", "true"))
			return s, s
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, second := start(t)
			testNobodyWithout(t, s)
			testInvited(t, s, second)
			testAcceptedByAnAccount(t, s)
			testOneOfTwo(t, s, second)
		})
	}
}

// testNobodyWithout tries every way to an account that there is without an invitation.
func testNobodyWithout(t *testing.T, s *Stack) {
	t.Run("the pages say that it takes an invitation", func(t *testing.T) {
		b := NewBrowser(t)
		for _, address := range []string{s.URLs.UI + "/registration", s.URLs.Kratos + "/self-service/registration/browser"} {
			b.Open(address)
			if got := b.heading(); got != "Sign-up is by invitation" || b.Status != http.StatusForbidden {
				t.Errorf("%s: got %d %q", address, b.Status, got)
			}
		}
		b.Open(s.URLs.UI + "/login")
		if len(b.Page.All(`a[href*="/registration"]`)) > 0 {
			t.Error("the page of the sign-in leads to a sign-up that nobody may use")
		}
	})
	for name, query := range map[string]string{
		"no invitation": "", "a made-up one": "?invitation=" + strings.Repeat("A", 43), "junk": "?invitation=x",
	} {
		for _, kind := range []string{"browser", "api"} {
			t.Run("the API begins nothing for a "+kind+" with "+name, func(t *testing.T) {
				code, id := apiError(t, s.URLs.Kratos+"/self-service/registration/"+kind+query)
				if code != http.StatusForbidden || id != "identityd_invitation_required" {
					t.Errorf("got %d %q", code, id)
				}
				tried.Report(t, "a sign-up at the API of a "+kind+" with "+name, "%d %s", code, id)
			})
		}
	}
}

func apiError(t *testing.T, address string) (code int, id string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var body struct{ Error struct{ ID string } }
	if err := json.NewDecoder(res.Body).Decode(&body); err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, body.Error.ID
}

func testInvited(t *testing.T, s, second *Stack) {
	t.Run("a link leads to an account with its groups, once its address is proved", func(t *testing.T) {
		i, b := invited(t, s, "Carl@example.com", "staff", "staff", "ops"), NewBrowser(t)
		if *i.Taken {
			t.Error("somebody has the address already")
		}
		signUpInvited(b, s, i.Link)
		if got := node(t, b.flow(s), "traits.email"); got.Attributes.Value != nil && got.Attributes.Value != "" {
			t.Errorf("Kratos filled in %v", got.Attributes.Value)
		}
		if got := b.Page.Attr(`input[name="traits.email"]`, "value"); got != "carl@example.com" || len(b.Page.All(`input[name="traits.email"][readonly]`)) != 1 {
			t.Errorf("got address %q, want the invited one, fixed", got)
		}
		if strings.Contains(b.flow(s).RequestURL, "invitation=") {
			t.Error("the token is in the flow")
		}
		b.answer(s, map[string]string{"traits.email": "mallory@example.com", "password": password, "method": "password"})
		if p := personBy(t, s, "mallory@example.com"); p != nil {
			t.Fatal("another address than the invited one got the account")
		}
		b.answer(s, map[string]string{"traits.email": "carl@example.com", "password": password, "method": "password"})
		p := personBy(t, s, "carl@example.com")
		if diff := cmp.Diff([]any{"staff", "ops"}, groupsOf(p)); diff != "" {
			t.Errorf("groups (-want +got):\n%s", diff)
		}
		if b.whoami(s) != nil || verified(t, s, "carl@example.com") {
			t.Error("a link that was passed on proves an address")
		}
		if got := stateOf(t, s, i.ID); got.State != "used" || got.By != p.ID {
			t.Errorf("got %+v, want it used by %s", got, p.ID)
		}
		other := NewBrowser(t)
		other.Open(i.Link)
		if other.Status != http.StatusGone || other.heading() != "This invitation has been used" {
			t.Errorf("got %d %q", other.Status, other.heading())
		}
	})
	t.Run("a link by mail proves the address, and is in the mail alone", func(t *testing.T) {
		i, status, reason := invite(t, second, map[string]any{"address": "dora@example.com", "groups": []string{"staff"}, "send": true, "lang": "en"})
		if status != http.StatusOK || i.Link != "" {
			t.Fatalf("got %d %q and link %q", status, reason, i.Link)
		}
		b := NewBrowser(t)
		signUpInvited(b, s, invitationMail(t, s, "dora@example.com"))
		b.answer(s, map[string]string{"traits.email": "dora@example.com", "password": password, "method": "password"})
		if got := b.whoami(s); got == nil || !verified(t, s, "dora@example.com") {
			t.Fatalf("got %s and session %+v, want one at once", b.URL.Path, got)
		}
		if got := b.heading(); got != "You have accepted the invitation" {
			t.Errorf("got %q at the end", got)
		}
	})
	t.Run("by a code instead of a password", func(t *testing.T) {
		i, b := invited(t, s, "codie2@example.com", "staff"), NewBrowser(t)
		signUpInvited(b, s, i.Link)
		b.answer(s, map[string]string{"traits.email": "codie2@example.com", "method": "code"})
		code, _ := mailed(t, s, "codie2@example.com")
		b.answer(s, map[string]string{"code": code, "method": "code", "traits.email": "codie2@example.com"})
		if b.whoami(s) == nil || len(groupsOf(personBy(t, s, "codie2@example.com"))) != 1 {
			t.Errorf("got %s, want a session and a group", b.URL.Path)
		}
	})
	t.Run("by the API of programs", func(t *testing.T) {
		i := invited(t, s, "native@example.com")
		token := strings.TrimPrefix(i.Link[strings.Index(i.Link, "token="):], "token=")
		var f identity.Flow
		get(t, s.URLs.Kratos+"/self-service/registration/api?invitation="+token, &f)
		raw, code := submitJSON(t, f.UI.Action, map[string]any{"method": "password", "password": password, "traits": map[string]any{"email": "native@example.com"}})
		if code != http.StatusOK || stateOf(t, s, i.ID).State != "used" {
			t.Errorf("got %d: %s", code, raw)
		}
	})
	t.Run("one that was taken back opens nothing, also in a form that was open", func(t *testing.T) {
		i, b := invited(t, s, "revoked@example.com"), NewBrowser(t)
		signUpInvited(b, s, i.Link)
		if raw, code := adminCall(t, second, http.MethodDelete, "/"+i.ID, nil); code != http.StatusNoContent {
			t.Fatalf("got %d %s", code, raw)
		}
		b.answer(s, map[string]string{"traits.email": "revoked@example.com", "password": password, "method": "password"})
		if personBy(t, s, "revoked@example.com") != nil {
			t.Error("it made an account")
		}
		b.Open(i.Link)
		if b.heading() != "This invitation has been withdrawn" {
			t.Errorf("got %q", b.heading())
		}
		if _, code := adminCall(t, s, http.MethodDelete, "/"+i.ID, nil); code != http.StatusNoContent {
			t.Errorf("taking it back again: got %d", code)
		}
		if _, code := adminCall(t, s, http.MethodDelete, "/none", nil); code != http.StatusNotFound {
			t.Errorf("taking back none: got %d", code)
		}
	})
	t.Run("what is wrong with one is said", func(t *testing.T) {
		for want, body := range map[string]map[string]any{
			"address: must be an email address":                     {"address": "nobody"},
			"expires_in: must be a time":                            {"address": "a@example.com", "expires_in": "10000h"},
			"groups: must be names":                                 {"address": "a@example.com", "groups": []string{" x"}},
			`there is no application of the id "nowhere"`:           {"address": "a@example.com", "client_id": "nowhere"},
			"The body cannot be read: json: unknown field \"sent\"": {"address": "a@example.com", "sent": true},
		} {
			if _, status, reason := invite(t, s, body); status != http.StatusBadRequest || !strings.Contains(reason, want) {
				t.Errorf("got %d %q, want %q", status, reason, want)
			}
		}
	})
}

func testAcceptedByAnAccount(t *testing.T, s *Stack) {
	id := member(t, s, "old@example.com")
	i := invited(t, s, "old@example.com", "staff")
	if !*i.Taken {
		t.Error("nobody is said to have the address")
	}
	b := NewBrowser(t)
	b.Open(i.Link)
	if !strings.Contains(b.Page.Text("main"), "There is an account with this address") {
		t.Fatalf("got %q", b.Page.Text("main"))
	}
	signIn(b, s, "old@example.com")
	t.Run("somebody else cannot accept it", func(t *testing.T) {
		member(t, s, "else@example.com")
		other := NewBrowser(t)
		signIn(other, s, "else@example.com")
		other.Open(i.Link)
		if !strings.Contains(other.Page.Text("main"), "The invitation is for another address") || len(other.Page.All(`form[action="/invitation"]`)) > 0 {
			t.Errorf("got %q", other.Page.Text("main"))
		}
	})
	t.Run("an account that exists gets the groups after signing in, and by its own will", func(t *testing.T) {
		b.Open(s.URLs.UI + "/invitation")
		if stateOf(t, s, i.ID).State != "open" {
			t.Fatal("looking at it used it up")
		}
		b.Submit(`form[action="/invitation"]`, nil)
		if got := stateOf(t, s, i.ID); got.State != "used" || got.By != id || b.heading() != "You have accepted the invitation" {
			t.Errorf("got %+v and %q", got, b.heading())
		}
		if diff := cmp.Diff([]any{"staff"}, groupsOf(personBy(t, s, "old@example.com"))); diff != "" {
			t.Errorf("groups (-want +got):\n%s", diff)
		}
	})
}

// testOneOfTwo comes with the same link from many browsers at once, at both replicas.
func testOneOfTwo(t *testing.T, s, second *Stack) {
	const browsers = 6
	i := invited(t, s, "race@example.com", "staff")
	token := strings.TrimPrefix(i.Link[strings.Index(i.Link, "token="):], "token=")
	var flows []identity.Flow
	for n := range browsers {
		at := s
		if n%2 == 1 {
			at = second
		}
		var f identity.Flow
		get(t, directly(at)+"/self-service/registration/api?invitation="+token, &f)
		f.UI.Action = directly(at) + "/self-service/registration?flow=" + f.ID
		flows = append(flows, f)
	}
	var (
		all  sync.WaitGroup
		mu   sync.Mutex
		made int
	)
	for _, f := range flows {
		all.Go(func() {
			// The invited address with another tag would be another account, if it were let in.
			_, code := submitJSON(t, f.UI.Action, map[string]any{"method": "password", "password": password, "traits": map[string]any{"email": "race@example.com"}})
			mu.Lock()
			defer mu.Unlock()
			if code == http.StatusOK {
				made++
			}
		})
	}
	all.Wait()
	p := personBy(t, s, "race@example.com")
	if p == nil || len(groupsOf(p)) != 1 || stateOf(t, s, i.ID).By != p.ID {
		t.Errorf("got %+v, want one account that has used the invitation", p)
	}
	tried.Report(t, "one invitation from six browsers at once", "accounts: %d", map[bool]int{true: 1}[p != nil])
}

// directly is the public API of a replica, around a balancer.
func directly(s *Stack) string { return "http://" + s.Address("kratos_public") }

func submitJSON(t *testing.T, address string, body map[string]any) (answer []byte, code int) {
	t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		t.Error(err)
		return nil, 0
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, bytes.NewReader(raw))
	if err != nil {
		t.Error(err)
		return nil, 0
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Error(err)
		return nil, 0
	}
	defer res.Body.Close()
	answer, err = io.ReadAll(res.Body)
	if err != nil {
		t.Error(err)
	}
	return answer, res.StatusCode
}

// invitationMail waits for the link that was mailed.
func invitationMail(t *testing.T, s *Stack, to string) string {
	t.Helper()
	link := regexp.MustCompile(`http\S+/invitation\?token=[\w-]+`)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for ctx.Err() == nil {
		var mails []struct{ Recipient, Body, Status string }
		get(t, s.URLs.KratosAdmin+"/admin/courier/messages", &mails)
		for _, m := range mails {
			if found := link.FindString(m.Body); m.Recipient == to && m.Status == "sent" && found != "" {
				return found
			}
		}
	}
	t.Fatalf("no invitation came to %s", to)
	return ""
}
