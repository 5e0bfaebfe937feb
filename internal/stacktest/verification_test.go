package stacktest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

const password = "correct horse battery 7 staple"

// application registers an OAuth2 client at AppHost and returns the address that begins its sign-in.
func application(t *testing.T, s *Stack) string {
	t.Helper()
	raw, err := json.Marshal(map[string]any{
		"client_id": "app", "client_name": "App", "scope": "openid email",
		"redirect_uris": []string{"https://" + AppHost + "/callback"}, "token_endpoint_auth_method": "none",
	})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URLs.HydraAdmin+"/admin/clients", bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusCreated {
		t.Fatalf("got status %d", res.StatusCode)
	}
	return s.URLs.Hydra + "/oauth2/auth?" + url.Values{
		"client_id": {"app"}, "response_type": {"code"}, "scope": {"openid email"}, "state": {"state-state"},
		"redirect_uri": {"https://" + AppHost + "/callback"}, "code_challenge_method": {"S256"},
		"code_challenge": {"E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"}, // RFC 7636 appendix B
	}.Encode()
}

// signUp begins at the application and signs up with the address.
func signUp(t *testing.T, s *Stack, start, email string) *Browser {
	t.Helper()
	b := NewBrowser(t)
	b.Open(start)
	link, err := b.URL.Parse(b.Page.Attr(`a[href*="/registration"]`, "href"))
	if err != nil {
		t.Fatal(err)
	}
	b.Open(link.String())
	b.Submit("form", map[string]string{"traits.email": email, "password": password, "method": "password"})
	return b
}

// mailed waits for the newest code mail to the address and returns its code and link.
func mailed(t *testing.T, s *Stack, email string) (code, link string) {
	t.Helper()
	return mailedOf(t, s, email, "")
}

// mailedOf is mailed of one kind of mail: its template begins so.
func mailedOf(t *testing.T, s *Stack, email, template string) (code, link string) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for time.Now().Before(deadline) {
		var mails []struct {
			Recipient, Subject, Body, Status string
			Template                         string `json:"template_type"`
		}
		get(t, s.URLs.KratosAdmin+"/admin/courier/messages", &mails)
		for _, m := range mails {
			code = regexp.MustCompile(`\b\d{6}\b`).FindString(m.Subject)
			link = regexp.MustCompile(`http://\S*flow=\S*`).FindString(m.Body)
			if m.Recipient == email && m.Status == "sent" && code != "" && strings.HasPrefix(m.Template, template) {
				return code, strings.ReplaceAll(link, "&amp;", "&")
			}
		}
	}
	t.Fatalf("no code was mailed to %s", email)
	return "", ""
}

func verified(t *testing.T, s *Stack, email string) bool {
	t.Helper()
	var people []struct {
		Traits              struct{ Email string }
		VerifiableAddresses []struct{ Verified bool } `json:"verifiable_addresses"`
	}
	get(t, s.URLs.KratosAdmin+"/admin/identities", &people)
	for _, p := range people {
		if p.Traits.Email == email {
			return p.VerifiableAddresses[0].Verified
		}
	}
	t.Fatalf("nobody has the address %s", email)
	return false
}

// TestVerificationSignsInNobodyElse is about a stranger who signs up with somebody's address: whoever
// then opens the mail must not find himself in the stranger's account (docs/ory-quirks.md#q33).
func TestVerificationSignsInNobodyElse(t *testing.T) {
	for _, verification := range []string{"required", "optional"} {
		t.Run("where verification is "+verification, func(t *testing.T) {
			s := Start(t, orStandIn(t), Set("identity.verification", verification))
			signUp(t, s, application(t, s), "victim@example.com")
			code, link := mailed(t, s, "victim@example.com")

			victim := NewBrowser(t)
			victim.Open(link)
			if victim.Page == nil {
				t.Fatalf("the link of the mail led to %s (%d)", victim.URL.Redacted(), victim.Status)
			}
			victim.Submit("form", map[string]string{"code": code, "method": "code"})
			if !verified(t, s, "victim@example.com") {
				t.Error("the address was not verified, so that nothing is proved")
			}
			if got := victim.Code(s.URLs.Kratos + "/sessions/whoami"); got != http.StatusUnauthorized {
				t.Errorf("whoami: got %d, want 401: the victim is signed in as somebody else", got)
			}
			if victim.URL.Hostname() == AppHost {
				t.Errorf("the victim was sent to the application: %s", victim.URL.Path)
			}
		})
	}
}

func TestVerificationRequired(t *testing.T) {
	s := Start(t, orStandIn(t), Set("identity.verification", "required"))
	start := application(t, s)
	person := signUp(t, s, start, "ada@example.com")
	t.Run("the sign-up asks for the code before anything else", func(t *testing.T) {
		if person.URL.Path != "/verification" {
			t.Errorf("got %s, want /verification", person.URL.Path)
		}
		if got := person.Code(s.URLs.Kratos + "/sessions/whoami"); got != http.StatusUnauthorized {
			t.Errorf("whoami: got %d, want 401 before the code", got)
		}
	})
	t.Run("mail comes in the language of the page", func(t *testing.T) {
		other := NewBrowser(t)
		other.Open(s.URLs.UI + "/account/language?lang=de&back=/registration")
		other.Submit("form", map[string]string{"traits.email": "hans@example.com", "password": password, "method": "password"})
		mailed(t, s, "hans@example.com")
		var mails []struct{ Recipient, Subject string }
		get(t, s.URLs.KratosAdmin+"/admin/courier/messages", &mails)
		for _, m := range mails {
			if m.Recipient == "hans@example.com" && !strings.HasSuffix(m.Subject, " ist Ihr Code zum Bestätigen Ihrer Adresse bei identityd") {
				t.Errorf("got subject %q, want German", m.Subject)
			}
		}
	})
	t.Run("without it a right password is not enough", func(t *testing.T) {
		other := NewBrowser(t)
		other.Open(s.URLs.UI + "/login")
		other.Submit("form", map[string]string{"identifier": "ada@example.com", "password": password, "method": "password"})
		if got := other.Code(s.URLs.Kratos + "/sessions/whoami"); got != http.StatusUnauthorized {
			t.Errorf("whoami: got %d, want 401", got)
		}
	})
	t.Run("in the same browser the code leads to the application", func(t *testing.T) {
		code, _ := mailed(t, s, "ada@example.com")
		person.Submit("form", map[string]string{"code": code, "method": "code"})
		if person.URL.Path != "/consent" {
			t.Fatalf("got %s, want the consent page", person.URL.Path)
		}
		person.Submit("form", map[string]string{"action": "allow"})
		if person.URL.Hostname() != AppHost || person.URL.Query().Get("code") == "" {
			t.Errorf("got %s, want a code at the application", person.URL.Redacted())
		}
	})
}

func TestVerificationOptionalComesLater(t *testing.T) {
	s := Start(t, orStandIn(t))
	person := signUp(t, s, application(t, s), "grace@example.com")
	person.Submit("form", map[string]string{"action": "allow"})
	if person.URL.Hostname() != AppHost || person.URL.Query().Get("code") == "" {
		t.Fatalf("got %s, want a code at the application", person.URL.Redacted())
	}
	code, link := mailed(t, s, "grace@example.com")
	person.Open(link)
	person.Submit("form", map[string]string{"code": code, "method": "code"})
	if person.URL.Path != "/verification" || !verified(t, s, "grace@example.com") {
		t.Errorf("got %s, want the page that says it is verified", person.URL.Redacted())
	}
}
