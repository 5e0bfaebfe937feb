package ui

import (
	"context"
	"net/http"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/identity"
)

func TestConsentPage(t *testing.T) {
	f := engines()
	f.consentRequest = func(c string) (*identity.ConsentRequest, error) {
		request := consentRequest(c)
		request.RequestedScope = []string{"openid", "offline_access", "email", "notes.write"}
		request.Client.PolicyURI = "https://notes.example/privacy"
		request.Client.TermsOfServiceURI = "http://notes.example/terms"
		request.Client.URI = "javascript:alert(1)"
		request.Client.LogoURI = "https://notes.example/logo.png"
		return request, nil
	}
	page := newBrowser(t, newUI(t, f)).get("/consent?consent_challenge=c1").shows(http.StatusOK)
	for selector, want := range map[string]string{
		"h1": "Notes wants to use your account", ".host": "notes.example",
		".account": "Signed in as anna@example.com", ".links": "Privacy policy",
		"label[for=scope-1] .what": "Keep access while you are away",
		"label[for=scope-2] code":  "email", "label[for=scope-3] .what": "notes.write",
		"button[name=action][value=allow]": "Allow", "button[name=action][value=deny]": "Deny",
	} {
		if got := page.Text(selector); got != want {
			t.Errorf("%s: got %q, want %q", selector, got, want)
		}
	}
	got := page.Form("form").Fields
	if got.Get("csrf_token") == "" {
		t.Error("the form has no token")
	}
	got.Del("csrf_token")
	want := url.Values{
		"consent_challenge": {"c1"},
		"grant_scope":       {"openid", "offline_access", "email", "notes.write"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	page.One("#scope-0[disabled][checked]")
	page.Missing("img")
}

func TestConsentNamesTheAccountOnlyToItsOwnBrowser(t *testing.T) {
	for name, whoami := range map[string]func(string) (*identity.Session, error){
		"nobody is signed in": signedOut,
		"somebody else is signed in": func(string) (*identity.Session, error) {
			return &identity.Session{Identity: identity.Identity{ID: "bert-id"}}, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := engines()
			f.whoami = whoami
			newBrowser(t, newUI(t, f)).get("/consent?consent_challenge=c").shows(200).Missing(".account")
		})
	}
}

// TestNoPageIsWrittenForNobody is about steps that the browser has not made itself: it comes where it is asked,
// and what asks nobody is done.
func TestNoPageIsWrittenForNobody(t *testing.T) {
	f := engines()
	skip := false
	f.consentRequest = func(c string) (*identity.ConsentRequest, error) {
		request := consentRequest(c)
		request.Skip = skip
		return request, nil
	}
	f.whoami = func(string) (*identity.Session, error) {
		t.Error("asked who is signed in")
		return signedOut("")
	}
	got := deciding(f)
	cfg := config(f)
	cfg.Passing = func(context.Context) bool { return true }
	b := newBrowser(t, newUIWith(t, cfg))
	b.get("/consent?consent_challenge=c1").goesTo(uiURL + "/consent?consent_challenge=c1")
	if len(*got) > 0 {
		t.Fatalf("answered %+v", *got)
	}
	skip = true
	b.get("/consent?consent_challenge=c1").goesTo(hydraURL + "/accepted")
}

// decision is what reached the authorization server.
type decision struct {
	Challenge string
	Grant     *identity.ConsentGrant
}

func deciding(f *fake) *[]decision {
	var got []decision
	f.acceptConsent = func(c string, grant identity.ConsentGrant) (string, error) {
		got = append(got, decision{c, &grant})
		return hydraURL + "/accepted", nil
	}
	f.rejectConsent = func(c string) (string, error) {
		got = append(got, decision{c, nil})
		return hydraURL + "/rejected", nil
	}
	return &got
}

func TestConsentAnswers(t *testing.T) {
	audience := []string{"https://api.notes.example"}
	grant := func(remember bool, names string, scopes ...string) []decision {
		return []decision{{"c1", &identity.ConsentGrant{
			Scope: scopes, Audience: audience, Remember: remember,
			Claims:            map[string]any{"of": "anna-id", "scopes": names},
			AccessTokenClaims: map[string]any{"api": names},
		}}}
	}
	for name, tt := range map[string]struct {
		change func(url.Values)
		status int
		want   []decision
	}{
		"allowing as shown grants everything that was asked": {
			func(url.Values) {}, 303, grant(false, "openid email profile", "openid", "email", "profile"),
		},
		"an unticked scope is not granted": {
			func(v url.Values) { v["grant_scope"] = []string{"openid", "profile"} }, 303,
			grant(false, "openid profile", "openid", "profile"),
		},
		"openid is granted although it was not sent": {
			func(v url.Values) { v.Del("grant_scope") }, 303, grant(false, "openid", "openid"),
		},
		"a scope that was not asked for is not granted": {
			func(v url.Values) { v["grant_scope"] = []string{"email", "admin"} }, 303,
			grant(false, "openid email", "openid", "email"),
		},
		"remembering is passed on": {
			func(v url.Values) { v.Set("remember", "true") }, 303,
			grant(true, "openid email profile", "openid", "email", "profile"),
		},
		"denying denies": {
			func(v url.Values) { v.Set("action", "deny") }, 303, []decision{{"c1", nil}},
		},
		"no answer does nothing": {
			func(v url.Values) { v.Del("action") }, 400, nil,
		},
		"a wrong token does nothing": {
			func(v url.Values) { v.Set("csrf_token", "AAAA") }, 403, nil,
		},
		"a missing token does nothing": {
			func(v url.Values) { v.Del("csrf_token") }, 403, nil,
		},
		"the token of one challenge does nothing for another": {
			func(v url.Values) { v.Set("consent_challenge", "c2") }, 403, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := engines()
			got := deciding(f)
			b := newBrowser(t, newUI(t, f))
			form := consentForm(b, "c1")
			form.Set("action", "allow")
			tt.change(form)
			if a := b.post("/consent", form); a.status != tt.status {
				t.Errorf("status: got %d, want %d", a.status, tt.status)
			}
			if diff := cmp.Diff(tt.want, *got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func consentForm(b *browser, challenge string) url.Values {
	b.t.Helper()
	page := b.get("/consent?consent_challenge=" + challenge).shows(http.StatusOK)
	return page.Form("form").Fields
}

func TestConsentRedirectsWhereTheServerSays(t *testing.T) {
	b := newBrowser(t, newUI(t, engines()))
	form := consentForm(b, "c1")
	form.Set("action", "allow")
	b.post("/consent", form).goesTo(hydraURL + "/accepted")
	form.Set("action", "deny")
	b.post("/consent", form).goesTo(hydraURL + "/rejected")
}

func TestSkippedConsentGrantsWhatWasAskedAndSendsTheClaimsAgain(t *testing.T) {
	for name, skip := range map[string]func(*identity.ConsentRequest){
		"when it is remembered":      func(r *identity.ConsentRequest) { r.Skip = true },
		"when the client is our own": func(r *identity.ConsentRequest) { r.Client.SkipConsent = true },
	} {
		t.Run(name, func(t *testing.T) {
			f := engines()
			f.consentRequest = func(c string) (*identity.ConsentRequest, error) {
				request := consentRequest(c)
				skip(request)
				return request, nil
			}
			got := deciding(f)
			b := newBrowser(t, newUI(t, f))
			if a := b.do("HEAD", "/consent?consent_challenge=c1", nil); a.status != 200 || len(*got) > 0 {
				t.Errorf("HEAD: got status %d and %d decisions, want 200 and none", a.status, len(*got))
			}
			b.get("/consent?consent_challenge=c1").goesTo(hydraURL + "/accepted")
			want := []decision{{"c1", &identity.ConsentGrant{
				Scope: []string{"openid", "email", "profile"}, Audience: []string{"https://api.notes.example"},
				Remember:          name == "when the client is our own",
				Claims:            map[string]any{"of": "anna-id", "scopes": "openid email profile"},
				AccessTokenClaims: map[string]any{"api": "openid email profile"},
			}}}
			if diff := cmp.Diff(want, *got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestWhatIsRememberedOfAnotherApplicationIsAskedAgain: it registered itself, was verified, and has changed since.
func TestWhatIsRememberedOfAnotherApplicationIsAskedAgain(t *testing.T) {
	f := engines()
	parameters := ""
	f.consentRequest = func(c string) (*identity.ConsentRequest, error) {
		request := consentRequest(c)
		request.Skip, request.RequestURL = true, request.RequestURL+parameters
		request.Client.Metadata = []byte(`{"identityd_registration":{"at":"2026-01-01T00:00:00Z"}}`)
		return request, nil
	}
	got := deciding(f)
	b := newBrowser(t, newUI(t, f))
	form := consentForm(b, "c1")
	if len(*got) > 0 {
		t.Fatalf("answered %+v without a question", *got)
	}
	form.Set("action", "allow")
	form.Set("remember", "true")
	b.post("/consent", form).goesTo(hydraURL + "/accepted")
	if len(*got) != 1 || (*got)[0].Grant == nil || (*got)[0].Grant.Remember {
		t.Errorf("got %+v, want a grant that is not remembered", *got)
	}
	parameters = "&prompt=none"
	b.get("/consent?consent_challenge=c2").goesTo(hydraURL + "/rejected")
}

func TestAClosedAccountGrantsNothing(t *testing.T) {
	for name, find := range map[string]func(string) (*identity.Identity, error){
		"when it is gone": func(string) (*identity.Identity, error) {
			return nil, &identity.Error{Code: identity.NotFound}
		},
		"when it is inactive": func(string) (*identity.Identity, error) {
			return &identity.Identity{ID: "anna-id", State: "inactive"}, nil
		},
		"when its address is not verified any more": func(string) (*identity.Identity, error) {
			return &identity.Identity{ID: "anna-id", State: "active", VerifiableAddresses: []identity.VerifiableAddress{{Value: "new@b.c"}}}, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := engines()
			f.identity = find
			got := deciding(f)
			cfg := config(f)
			cfg.VerifiedRequired = true
			b := newBrowser(t, newUIWith(t, cfg))
			form := consentForm(b, "c1")
			form.Set("action", "allow")
			b.post("/consent", form).goesTo(hydraURL + "/rejected")
			if diff := cmp.Diff([]decision{{"c1", nil}}, *got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAConsentChallengeIsNeeded(t *testing.T) {
	for _, query := range []string{"", "?consent_challenge=", "?consent_challenge=a%20b"} {
		newBrowser(t, newUI(t, engines())).get("/consent" + query).shows(http.StatusBadRequest)
	}
}
