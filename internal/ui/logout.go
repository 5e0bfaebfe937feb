package ui

import (
	"net/http"

	"example.com/identityd/internal/identity"
)

type logoutPage struct {
	layout
	App       string // empty when no application asked
	Challenge string
	CSRF      string
}

// showLogout asks before it signs anybody out: a link to this page can be made by anyone.
func (u *UI) showLogout(w http.ResponseWriter, r *http.Request) error {
	challenge := r.URL.Query().Get("logout_challenge")
	if challenge == "" {
		return redirect(w, u.to("/", nil))
	}
	request, err := u.logoutRequest(r, challenge)
	if err != nil {
		return err
	}
	u.setCSP(w, true)
	// HEAD must not answer anything for a person.
	if request.Client != nil && request.Client.SkipLogoutConsent && r.Method == http.MethodGet {
		return u.acceptLogout(w, r, challenge, request)
	}
	page := logoutPage{
		layout:    u.layout(r, "Sign out"),
		Challenge: challenge,
		CSRF:      u.csrf.token(w, r, purposeLogout, challenge),
	}
	if request.Client != nil {
		page.App = clientName(*request.Client)
	}
	return render(w, http.StatusOK, u.pages.Logout, page)
}

func (u *UI) answerLogout(w http.ResponseWriter, r *http.Request) error {
	if err := u.csrf.check(w, r, purposeLogout, "logout_challenge"); err != nil {
		return err
	}
	challenge := r.PostForm.Get("logout_challenge")
	// Not for its words alone: who accepts looks at nothing (docs/ory-quirks.md#q125).
	request, err := u.logoutRequest(r, challenge)
	if err != nil {
		return err
	}
	switch r.PostForm.Get("action") {
	case "yes":
		return u.acceptLogout(w, r, challenge, request)
	case "no":
		if err := u.cfg.OAuth2.RejectLogout(r.Context(), challenge); err != nil {
			return err
		}
		u.leaveFrom(w, request.Client)
		return redirect(w, u.to("/account/stayed", nil))
	default:
		return unanswered()
	}
}

func (u *UI) logoutRequest(r *http.Request, challenge string) (*identity.LogoutRequest, error) {
	if !validChallenge(challenge) {
		return nil, badChallenge()
	}
	return u.cfg.OAuth2.LogoutRequest(r.Context(), challenge)
}

func (u *UI) acceptLogout(w http.ResponseWriter, r *http.Request, challenge string, request *identity.LogoutRequest) error {
	to, err := u.cfg.OAuth2.AcceptLogout(r.Context(), challenge)
	if err != nil {
		return err
	}
	u.leaveFrom(w, request.Client)
	return redirect(w, to)
}

func unanswered() error {
	return &identity.Error{
		Code:    identity.BadRequest,
		Message: "The form came without an answer.",
	}
}
