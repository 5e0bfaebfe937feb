package stacktest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/identity"
)

// answer of a sign-up, as far as somebody could tell one from another.
type signUpAnswer struct {
	Status           int
	Path             string
	Headers, Cookies []string
	Flow             any
	Page             string
	AfterWrongCode   []int64
	took             time.Duration
}

// testKnownAddress compares the answers to sign-ups with a new address and with one that has an account
// (docs/adr/0026-neutral-sign-up.md).
func testKnownAddress(t *testing.T, s *Stack, start string) {
	observe(t, s, start, "first@example.com") // whatever is made at the first one
	unknown := observe(t, s, start, "new@example.com")
	member(t, s, "old@example.com")
	known := observe(t, s, start, "old@example.com")
	t.Run("the answer is the same", func(t *testing.T) {
		if diff := cmp.Diff(unknown, known, cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".took" }, cmp.Ignore())); diff != "" {
			t.Errorf("answers differ (-new +known):\n%s", diff)
		}
		if unknown.Path != "/verification" || unknown.Status != http.StatusSeeOther {
			t.Errorf("got %d to %s, want the page that asks for the code", unknown.Status, unknown.Path)
		}
	})
	t.Run("so is that of the API", func(t *testing.T) {
		if diff := cmp.Diff(nativeSignUp(t, s, "new-native@example.com"), nativeSignUp(t, s, "old@example.com")); diff != "" {
			t.Errorf("answers differ (-new +known):\n%s", diff)
		}
	})
	t.Run("it takes as long", func(t *testing.T) {
		// A busy machine only adds to a time: the shortest ones come to be alike, unless one way has less to do.
		var shortest [2]time.Duration
		ratio := 0.0
		for i := 0; i < 12 && (i < 3 || ratio < 0.75 || ratio > 1.33); i++ {
			for way, email := range []string{fmt.Sprintf("new-%d@example.com", i), "old@example.com"} {
				if took := observe(t, s, start, email).took; i == 0 || took < shortest[way] {
					shortest[way] = took
				}
			}
			ratio = float64(shortest[1]) / float64(shortest[0])
		}
		t.Logf("new %v, known %v, ratio %.2f", shortest[0], shortest[1], ratio)
		if ratio < 0.75 || ratio > 1.33 {
			t.Errorf("got a ratio of %.2f, want about 1", ratio)
		}
	})
	t.Run("the owner is told how to sign in", func(t *testing.T) {
		mail := ""
		for deadline := time.Now().Add(30 * time.Second); mail == "" && time.Now().Before(deadline); {
			var mails []struct{ Recipient, Subject, Body, Status string }
			get(t, s.URLs.KratosAdmin+"/admin/courier/messages", &mails)
			for _, m := range mails {
				if m.Recipient == "old@example.com" && m.Status == "sent" {
					mail = m.Body
				}
			}
		}
		for _, want := range []string{"password", s.URLs.UI + "/login", s.URLs.UI + "/recovery"} {
			if !strings.Contains(mail, want) {
				t.Errorf("the mail does not say %q:\n%s", want, mail)
			}
		}
	})
	t.Run("what is wrong with a form is still said", func(t *testing.T) {
		b := NewBrowser(t)
		b.Open(s.URLs.UI + "/registration")
		b.answer(s, map[string]string{"traits.email": "old@example.com", "password": "short", "method": "password"})
		if b.URL.Path != "/registration" || len(node(t, b.flow(s), "password").Messages) == 0 {
			t.Errorf("got %s, want the form with a message at the password", b.URL.Redacted())
		}
	})
}

// observe signs up and notes all that comes back.
func observe(t *testing.T, s *Stack, start, email string) signUpAnswer {
	t.Helper()
	b := NewBrowser(t)
	b.Open(start)
	b.Open(s.URLs.UI + "/registration?" + url.Values{"login_challenge": {b.flow(s).LoginChallenge}}.Encode())
	f := b.flow(s)
	form := url.Values{
		"traits.email": {email}, "password": {password}, "method": {"password"},
		"csrf_token": {fmt.Sprint(node(t, f, "csrf_token").Attributes.Value)},
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, f.UI.Action, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	once := *b.client
	once.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	began := time.Now()
	res, err := once.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	out := signUpAnswer{Status: res.StatusCode, took: time.Since(began)}
	for name := range res.Header {
		out.Headers = append(out.Headers, name)
	}
	for _, c := range res.Cookies() {
		out.Cookies = append(out.Cookies, fmt.Sprint(c.Name, c.MaxAge, c.HttpOnly, c.Secure, c.SameSite, c.Path))
	}
	slices.Sort(out.Headers)
	slices.Sort(out.Cookies)
	to, err := res.Location()
	if err != nil {
		t.Fatal(err)
	}
	out.Path = to.Path
	b.Open(to.String())
	out.Page = strings.ReplaceAll(b.Page.Text("main"), email, "ADDRESS")
	var raw any
	b.read(s.URLs.Kratos+"/self-service/verification/flows?id="+to.Query().Get("flow"), &raw)
	out.Flow = shape(raw)
	b.answer(s, map[string]string{"code": "000000", "method": "code"})
	for _, m := range b.flow(s).UI.Messages {
		out.AfterWrongCode = append(out.AfterWrongCode, m.ID)
	}
	return out
}

// nativeSignUp signs up as an application without a browser does, and returns the shape of the answer.
func nativeSignUp(t *testing.T, s *Stack, email string) any {
	t.Helper()
	var f identity.Flow
	get(t, s.URLs.Kratos+"/self-service/registration/api", &f)
	raw, err := json.Marshal(map[string]any{"method": "password", "password": password, "traits": map[string]any{"email": email}})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, f.UI.Action, strings.NewReader(string(raw)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var out any
	if err := json.NewDecoder(res.Body).Decode(&out); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("got status %d, error %v: %v", res.StatusCode, err, out)
	}
	return shape(out)
}

// shape replaces what is in a document by its kind: empty or not, and of which type.
func shape(v any) any {
	switch x := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, inner := range x {
			out[k] = shape(inner)
		}
		return out
	case []any:
		out := make([]any, len(x))
		for i, inner := range x {
			out[i] = shape(inner)
		}
		return out
	case string:
		return fmt.Sprint("string, empty: ", x == "")
	}
	return fmt.Sprintf("%T", v)
}
