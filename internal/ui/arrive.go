package ui

import (
	"net/http"
	"net/url"
	"time"

	"example.com/identityd/internal/identity"
)

// arrive is where an application's request comes in. Whoever is signed in already goes on without a word,
// unless the application wants more than that: Kratos alone would ask for the password each time.
func (u *UI) arrive(w http.ResponseWriter, r *http.Request, kind identity.FlowKind, challenge string) error {
	if !validChallenge(challenge) {
		return badChallenge()
	}
	request, err := u.cfg.OAuth2.LoginRequest(r.Context(), challenge)
	if isCode(err, identity.Gone) {
		return u.tooLate(w, r, challenge, err)
	}
	if err != nil {
		return err
	}
	u.expect(w, r, challenge, request)
	wanted := demandsOf(request.RequestURL)
	session, err := u.cfg.Sessions.Whoami(r.Context(), cookies(r))
	switch {
	case isCode(err, identity.NoSession) && request.Skip:
		return u.forget(w, r, request)
	case isCode(err, identity.NoSession):
		if wanted.Create && u.signsUp(r) {
			kind = identity.Registration
		}
		return u.sign(w, kind, r, challenge, nil)
	case isCode(err, identity.AALRequired):
		return u.sign(w, identity.Login, r, challenge, url.Values{"aal": {"aal2"}})
	case err != nil:
		return err
	case request.Skip && request.Subject != session.Identity.ID:
		return u.forget(w, r, request)
	case wanted.Choose || wanted.Create || kind == identity.Registration ||
		expectsOther(request, session.Identity):
		return u.chooseForApp(w, r, challenge, request, session)
	}
	return u.goOn(w, r, challenge, request, session)
}

// goOn accepts, or has the person prove once more what the application wants proved.
func (u *UI) goOn(
	w http.ResponseWriter, r *http.Request, challenge string,
	request *identity.LoginRequest, session *identity.Session,
) error {
	if u.unproved(session.Identity) {
		return u.askToVerify(w, r, request)
	}
	if !demandsOf(request.RequestURL).recent(session, request.RequestedAt) {
		return u.sign(w, identity.Login, r, challenge, url.Values{"refresh": {"true"}})
	}
	if wantsAAL2(request, session) {
		factors, err := u.cfg.Account.FactorsOf(r.Context(), session.Identity.ID)
		if err != nil {
			return err
		}
		// Whoever has no second factor goes on: the application learns the level that was reached.
		if identity.HasSecond(factors) {
			return u.sign(w, identity.Login, r, challenge, url.Values{"aal": {"aal2"}})
		}
	}
	grant := identity.LoginGrant{
		Subject: session.Identity.ID, SessionID: session.ID, AuthenticatedAt: session.AuthenticatedAt,
		ACR: session.AAL, AMR: []string{},
		Keep: u.cfg.Remember.Keeps(r), KeepFor: int64(u.cfg.SessionLifespan / time.Second),
	}
	for _, m := range session.Methods {
		grant.AMR = append(grant.AMR, m.Method)
	}
	to, err := u.cfg.OAuth2.AcceptLogin(r.Context(), challenge, grant)
	if isCode(err, identity.Gone) {
		return u.tooLate(w, r, challenge, err)
	}
	if err != nil {
		return err
	}
	return redirect(w, to)
}

// sign starts a flow at Kratos that answers the challenge at its end.
func (u *UI) sign(
	w http.ResponseWriter, kind identity.FlowKind, r *http.Request, challenge string, more url.Values,
) error {
	params, err := u.passOn(kind, r.URL.Query())
	if err != nil {
		return err
	}
	params.Set("login_challenge", challenge)
	for name := range more {
		params.Set(name, more.Get(name))
	}
	return redirect(w, u.start(r, kind, params))
}

// forget ends a session that Hydra remembers of somebody who is not here any more, and begins the
// application's request again without it (docs/ory-quirks.md#q65).
func (u *UI) forget(w http.ResponseWriter, r *http.Request, request *identity.LoginRequest) error {
	if err := u.cfg.OAuth2.EndLogin(r.Context(), request.SessionID); err != nil {
		return err
	}
	if !u.begins(request.RequestURL) {
		return badChallenge()
	}
	return redirect(w, request.RequestURL)
}
