package ui

import (
	"errors"
	"net/http"
	"net/url"

	"example.com/identityd/internal/identity"
)

// A flow that is gone is started again without asking. Kratos comes back to the same address, so
// that only a cookie can tell the second failure from the first; and a browser that keeps no
// cookies would go in circles for ever. Both end on a page that says so.
const (
	restartCookie  = "identityd_ui_restart"
	restartSeconds = 60
	restartParam   = "restart"
)

type cookiesPage struct {
	layout
	Retry string
}

func (u *UI) flowFailed(
	w http.ResponseWriter, r *http.Request, kind identity.FlowKind, err error,
) error {
	var known *identity.Error
	if !errors.As(err, &known) {
		return err
	}
	u.tellError(r, known)
	switch known.Code {
	case identity.NotFound, identity.Gone, identity.Forbidden:
		return u.restart(w, r, kind, known.RedirectTo)
	case identity.AALRequired:
		if u.ours(known.RedirectTo) {
			return redirect(w, known.RedirectTo)
		}
		params := u.backTo(kind)
		params.Set("aal", "aal2")
		return redirect(w, u.start(r, identity.Login, params))
	case identity.NoSession:
		return redirect(w, u.start(r, identity.Login, u.backTo(kind)))
	default:
		return err
	}
}

// backTo returns the parameters by which a sign-in comes back to the page that asked for it.
func (u *UI) backTo(kind identity.FlowKind) url.Values {
	if kind != identity.Settings {
		return url.Values{}
	}
	return url.Values{"return_to": {u.to("/settings", nil)}}
}

// restart begins a flow again, at to when the engine said where.
func (u *UI) restart(w http.ResponseWriter, r *http.Request, kind identity.FlowKind, to string) error {
	if _, err := r.Cookie(restartCookie); err == nil {
		u.endRestart(w, r)
		p := u.printer(r)
		u.fail(w, r, problem{
			status:   http.StatusGone,
			title:    p.Text("This page has expired"),
			sentence: p.Text("We started it again for you, and it did not work either."),
			next: p.Text("Please start again. If that does not help, " +
				"allow cookies for this site or close its other tabs."),
			action: link{p.Text("Start again"), u.to("/"+string(kind), nil)},
		})
		return nil
	}
	http.SetCookie(w, u.restartMark("1", restartSeconds))
	if cookies(r) == "" {
		// No cookie at all: perhaps the first visit, perhaps cookies are off. One hop tells.
		return redirect(w, u.to("/"+string(kind), url.Values{restartParam: {"1"}}))
	}
	if u.ours(to) {
		return redirect(w, to)
	}
	return redirect(w, u.start(r, kind, nil))
}

func (u *UI) afterCookieCheck(w http.ResponseWriter, r *http.Request, kind identity.FlowKind) error {
	if cookies(r) != "" {
		return redirect(w, u.start(r, kind, nil))
	}
	u.tell(r, identity.Told{Cause: "page:no_cookies"})
	return render(w, http.StatusBadRequest, u.pages.Cookies, cookiesPage{
		layout: u.layout(r, "Cookies are needed"),
		Retry:  u.to("/"+string(kind), nil),
	})
}

// endRestart forgets the restart once a flow is shown, and says whether there was one.
func (u *UI) endRestart(w http.ResponseWriter, r *http.Request) bool {
	_, err := r.Cookie(restartCookie)
	if err == nil {
		http.SetCookie(w, u.restartMark("", -1))
	}
	return err == nil
}

func (u *UI) restartMark(value string, maxAge int) *http.Cookie {
	return &http.Cookie{
		Name: restartCookie, Value: value, Path: "/", MaxAge: maxAge,
		HttpOnly: true, Secure: u.at.ui.Scheme == "https", SameSite: http.SameSiteLaxMode,
	}
}
