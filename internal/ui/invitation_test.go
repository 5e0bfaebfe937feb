package ui

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/identity"
)

func TestInvitation(t *testing.T) {
	open := identity.Invitation{ID: "i", Address: "invited@example.com", Groups: []string{"staff"}, Expires: time.Now().Add(time.Hour)}
	start := func(t *testing.T, change func(*fake, *Config)) (*fake, *browser) {
		t.Helper()
		f := engines()
		f.invited = map[string]identity.Invitation{"open": open}
		session(f, "", &identity.Error{Code: identity.NoSession})
		cfg := config(f)
		if change != nil {
			change(f, &cfg)
		}
		return f, newBrowser(t, newUIWith(t, cfg))
	}
	t.Run("the token goes out of the address, and leads to a sign-up", func(t *testing.T) {
		_, b := start(t, nil)
		b.get("/invitation?token=open").goesTo(uiURL + "/invitation")
		page := b.get("/invitation").shows(http.StatusOK)
		if got, want := page.Attr("a.primary", "href"), uiURL+"/registration?return_to="+url.QueryEscape(uiURL+"/invitation"); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
	t.Run("who has an account with the address is led to the sign-in", func(t *testing.T) {
		_, b := start(t, func(f *fake, _ *Config) { f.taken = true })
		b.get("/invitation?token=open")
		if got, want := b.get("/invitation").shows(http.StatusOK).Attr("a.primary", "href"), uiURL+"/login?return_to="+url.QueryEscape(uiURL+"/invitation"); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	})
	t.Run("it is accepted by a form of this page alone", func(t *testing.T) {
		f, b := start(t, func(f *fake, _ *Config) {
			i := open
			i.Address = "anna@example.com"
			f.invited["open"] = i
			session(f, "aal1", nil)
			before := f.whoami
			f.whoami = func(cookie string) (*identity.Session, error) {
				s, err := before(cookie)
				if s != nil {
					s.Identity.VerifiableAddresses = []identity.VerifiableAddress{{Value: "Anna@example.com", Via: "email"}}
				}
				return s, err
			}
		})
		b.get("/invitation?token=open")
		b.post("/invitation", url.Values{"csrf_token": {"made-up"}}).shows(http.StatusForbidden)
		token := b.get("/invitation").shows(http.StatusOK).Attr(`form[action="/invitation"] [name=csrf_token]`, "value")
		b.post("/invitation", url.Values{"csrf_token": {token}}).goesTo(uiURL + "/invitation")
		if diff := cmp.Diff([]string{"open anna-id"}, f.accepted); diff != "" {
			t.Errorf("accepted (-want +got):\n%s", diff)
		}
	})
	t.Run("the address is fixed in the form, and can be left behind where sign-up is open", func(t *testing.T) {
		_, b := start(t, nil)
		b.get("/invitation?token=open")
		page := b.get("/registration?flow=x").shows(http.StatusOK)
		if got := page.Attr(`input[name="traits.email"][readonly]`, "value"); got != "invited@example.com" {
			t.Errorf("got address %q", got)
		}
		page.One(`a[href="` + uiURL + `/invitation/without"]`)
		b.get("/invitation/without").goesTo(uiURL + "/registration")
		b.get("/registration?flow=x").shows(http.StatusOK).Missing("[readonly]")
	})
	t.Run("without one nobody gets to a sign-up that takes one", func(t *testing.T) {
		_, b := start(t, func(_ *fake, c *Config) { c.ByInvitation = true })
		for _, target := range []string{"/registration", "/registration?login_challenge=c"} {
			if got := b.get(target).shows(http.StatusForbidden).Text("h1"); got != "Sign-up is by invitation" {
				t.Errorf("%s: got %q", target, got)
			}
		}
		b.get("/").shows(http.StatusOK).Missing(`[href*="/registration"]`)
		b.get("/login?flow=x").shows(http.StatusOK).Missing(`[href*="/registration"]`)
		b.get("/invitation?token=open")
		b.get("/login?flow=x").shows(http.StatusOK).One(`.switch a[href*="/registration"]`)
	})
	for name, tt := range map[string]struct {
		change func(*identity.Invitation)
		want   string
	}{
		"used":      {func(i *identity.Invitation) { i.Used, i.By = time.Now(), "else" }, "This invitation has been used"},
		"withdrawn": {func(i *identity.Invitation) { i.Revoked = time.Now() }, "This invitation has been withdrawn"},
		"expired":   {func(i *identity.Invitation) { i.Expires = time.Now() }, "This invitation has expired"},
	} {
		t.Run("one that is "+name+" says so, and is forgotten", func(t *testing.T) {
			f, b := start(t, nil)
			b.get("/invitation?token=open")
			i := open
			tt.change(&i)
			f.invited["open"] = i
			if got := b.get("/invitation").shows(http.StatusGone).Text("h1"); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			b.get("/invitation").shows(http.StatusNotFound)
			if got := b.get("/invitation?token=open").shows(http.StatusGone).Text("h1"); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
