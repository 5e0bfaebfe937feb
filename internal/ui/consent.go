package ui

import (
	"net/http"
	"net/url"
	"strings"

	"example.com/identityd/internal/identity"
)

type consentPage struct {
	layout
	App   string
	Badge badge
	// Unverified says that nobody answers for who is behind the application: its name and host are all that is shown of it.
	Unverified   bool
	Website      string // https, or empty
	Policy       string
	Terms        string
	Destinations []string
	// Audience are the services that the application wants to use the account at.
	Audience  []string
	Account   string // empty when this browser's session is not the person asked
	Scopes    []scope
	Remember  bool
	Challenge string
	CSRF      string
}

func (u *UI) showConsent(w http.ResponseWriter, r *http.Request) error {
	challenge := r.URL.Query().Get("consent_challenge")
	request, err := u.consentRequest(r, challenge)
	if err != nil {
		return err
	}
	if to := u.answeredBefore(r, request.RequestURL); to != "" && r.Method == http.MethodGet {
		return redirect(w, to)
	}
	u.setCSP(w, true)
	// HEAD must not answer anything for a person.
	if skips(request) && r.Method == http.MethodGet {
		// An application of our own is remembered, or Hydra would refuse it a renewal in the background
		// (prompt=none). What is remembered already stays as it is.
		return u.grant(w, r, challenge, request, request.RequestedScope, !request.Skip)
	}
	if request.Skip && r.Method == http.MethodGet && demandsOf(request.RequestURL).Silent {
		return u.deny(w, r, challenge, request) // nobody sees a page
	}
	if u.cfg.Passing(r.Context()) {
		return u.comeHere(w, r)
	}
	return render(w, http.StatusOK, u.pages.Consent, consentPage{
		layout:       u.layout(r, "Allow access"),
		App:          clientName(request.Client),
		Badge:        u.badge(w, request.Client),
		Unverified:   request.Client.Unverified(),
		Audience:     audience(request.RequestedAudience),
		Website:      answered(request.Client, request.Client.URI),
		Policy:       answered(request.Client, request.Client.PolicyURI),
		Terms:        answered(request.Client, request.Client.TermsOfServiceURI),
		Destinations: destinations(u.printer(r), request),
		Account:      u.accountOf(r, request.Subject),
		Scopes:       describe(u.printer(r), request.RequestedScope, u.cfg.ScopeTexts),
		Remember:     u.cfg.RememberConsent && !request.Client.Unverified(),
		Challenge:    challenge,
		CSRF:         u.csrf.token(w, r, purposeConsent, challenge),
	})
}

// comeHere has the browser ask itself for what it is shown.
func (u *UI) comeHere(w http.ResponseWriter, r *http.Request) error {
	return redirect(w, u.at.ui.String()+r.URL.RequestURI())
}

func (u *UI) answerConsent(w http.ResponseWriter, r *http.Request) error {
	err := u.csrf.check(w, r, purposeConsent, "consent_challenge")
	challenge := r.PostForm.Get("consent_challenge")
	u.tell(r, identity.Told{Step: challenge})
	if err != nil {
		return err
	}
	// What was asked is read again: the form says what was ticked, never what may be granted.
	request, err := u.consentRequest(r, challenge)
	if err != nil {
		return err
	}
	if to := u.answeredBefore(r, request.RequestURL); to != "" {
		return redirect(w, to)
	}
	switch r.PostForm.Get("action") {
	case "allow":
		scopes := granted(request.RequestedScope, r.PostForm["grant_scope"])
		return u.grant(w, r, challenge, request, scopes, r.PostForm.Get("remember") == "true" && !request.Client.Unverified())
	case "deny":
		u.note(r, "ConsentRefused", request.Subject, request.Client.ID, nil)
		return u.deny(w, r, challenge, request)
	case "switch":
		// Another account: what the application asked begins again, and is still to be answered.
		return u.signOutFor(w, r, u.to(continuePath, url.Values{"app": {appKey(request.RequestURL)}}))
	default:
		return unanswered()
	}
}

func (u *UI) consentRequest(r *http.Request, challenge string) (*identity.ConsentRequest, error) {
	if !validChallenge(challenge) {
		return nil, badChallenge()
	}
	u.tell(r, identity.Told{Step: challenge})
	request, err := u.cfg.OAuth2.ConsentRequest(r.Context(), challenge)
	if err == nil {
		u.tell(r, identity.Told{Client: request.Client.ID})
	}
	return request, err
}

// skips says whether nobody has to be asked: Hydra remembers an answer, or the client is our own. What is remembered
// of an application that has changed itself since it was verified was said of another one.
func skips(request *identity.ConsentRequest) bool {
	return request.Skip && !request.Client.Unverified() || request.Client.SkipConsent
}

func (u *UI) grant(
	w http.ResponseWriter, r *http.Request, challenge string,
	request *identity.ConsentRequest, scopes []string, remember bool,
) error {
	person, err := u.cfg.Identities.Identity(r.Context(), request.Subject)
	if isCode(err, identity.NotFound) || err == nil && (person.State == identity.StateInactive || u.unproved(*person)) {
		// The account was closed, or its address changed, while Hydra still remembered its session.
		return u.deny(w, r, challenge, request)
	}
	if err != nil {
		return err
	}
	done := func(bool) {}
	if u.cfg.Consents != nil {
		c := identity.Consenting{
			Person: *person, Client: request.Client.ID, Scopes: scopes, Audience: request.RequestedAudience, Remembered: skips(request),
		}
		if why := u.cfg.Consents.Ask(r.Context(), c); why != nil {
			return u.refuseConsent(w, r, challenge, request, why)
		}
		if done, err = u.cfg.Consents.Expect(r.Context(), c); err != nil {
			return err
		}
	}
	// Hydra keeps no claims with a remembered consent, so they are sent every time.
	idToken, accessToken := u.cfg.Claims(*person, scopes, identity.OnlyClaims(request.Client.Metadata))
	u.finish(w, r, request.RequestURL)
	to, err := u.cfg.OAuth2.AcceptConsent(r.Context(), challenge, identity.ConsentGrant{
		Scope:             scopes,
		Audience:          request.RequestedAudience,
		Remember:          remember,
		Claims:            idToken,
		AccessTokenClaims: accessToken,
	})
	done(err == nil)
	if err != nil {
		return err
	}
	if !skips(request) {
		u.note(r, "ConsentGranted", request.Subject, request.Client.ID, map[string]string{"scopes": strings.Join(scopes, " ")})
	}
	return redirect(w, to)
}

func (u *UI) deny(
	w http.ResponseWriter, r *http.Request, challenge string, request *identity.ConsentRequest,
) error {
	u.finish(w, r, request.RequestURL)
	to, err := u.cfg.OAuth2.RejectConsent(r.Context(), challenge)
	if err != nil {
		return err
	}
	return redirect(w, to)
}

// accountOf names the account that consent is given for, only to the browser that is signed in with
// it: a challenge alone must not reveal whose it is. Not knowing is no reason to fail.
func (u *UI) accountOf(r *http.Request, subject string) string {
	session, err := u.cfg.Sessions.Whoami(r.Context(), cookies(r))
	if err != nil || session.Identity.ID != subject {
		return ""
	}
	return accountName(session.Identity)
}

func audience(requested []string) []string {
	var out []string
	for _, name := range requested {
		if name = plain(name, 253); name != "" {
			out = append(out, name)
		}
	}
	return out
}

// answered is a link of an application that somebody answers for. One that registered itself would lead people
// to whatever it likes, under our heading.
func answered(client identity.Client, raw string) string {
	if client.Unverified() {
		return ""
	}
	return secureLink(raw)
}
