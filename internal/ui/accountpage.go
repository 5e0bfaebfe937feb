package ui

import (
	"net/http"
	"net/url"
	"time"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/locale"
)

// The account pages.
const (
	accountPath      = "/account/"
	securityPath     = "/account/security"
	sessionsPath     = "/account/sessions"
	activityPath     = "/account/activity"
	applicationsPath = "/account/applications"
	dataPath         = "/account/data"
	deletePath       = "/account/delete"
	deletedPath      = "/account/deleted"
	settingsPath     = "/settings"
)

// The purposes of their forms.
const (
	purposeSessions     = "account-sessions"
	purposeApplications = "account-applications"
	purposeData         = "account-data"
	purposeDelete       = "account-delete"
)

func (u *UI) accountRoutes() []route {
	return []route{
		{"GET", "/account", u.toAccount},
		{"GET", accountPath + "{$}", u.signedInAt(accountPath, u.showAccount)},
		{"GET", securityPath, u.signedInAt(securityPath, u.showSecurity)},
		{"GET", sessionsPath, u.signedInAt(sessionsPath, u.showSessions)},
		{"POST", sessionsPath + "/revoke", u.signedInAt(sessionsPath, u.revokeSession)},
		{"POST", sessionsPath + "/revoke-others", u.signedInAt(sessionsPath, u.revokeOtherSessions)},
		{"GET", activityPath, u.signedInAt(activityPath, u.showActivity)},
		{"GET", applicationsPath, u.signedInAt(applicationsPath, u.showApplications)},
		{"POST", applicationsPath + "/revoke", u.signedInAt(applicationsPath, u.revokeApplication)},
		{"GET", dataPath, u.signedInAt(dataPath, u.showData)},
		{"POST", dataPath, u.signedInAt(dataPath, u.downloadData)},
		{"GET", deletePath, u.signedInAt(deletePath, u.showDeletion)},
		{"POST", deletePath, u.signedInAt(deletePath, u.deleteAccount)},
		{"GET", deletedPath, u.showDeleted},
	}
}

func (u *UI) toAccount(w http.ResponseWriter, _ *http.Request) error {
	return redirect(w, u.to(accountPath, nil))
}

// personal is a handler for somebody who is signed in, with every factor that their account asks for.
type personal func(w http.ResponseWriter, r *http.Request, s *identity.Session) error

// signedInAt lets nobody else in: the others sign in first and come back to the page.
func (u *UI) signedInAt(page string, handle personal) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		session, err := u.cfg.Sessions.Whoami(r.Context(), cookies(r))
		back := url.Values{"return_to": {u.to(page, nil)}}
		switch {
		case isCode(err, identity.AALRequired):
			back.Set("aal", "aal2")
			return redirect(w, u.to("/login", back))
		case isCode(err, identity.NoSession):
			return redirect(w, u.to("/login", back))
		case err != nil:
			return err
		}
		if u.mustEnroll(session) {
			return redirect(w, u.to(EnrollPath, nil))
		}
		return handle(w, r, session)
	}
}

// fresh says whether a person proved who they are just now, as what cannot be undone asks for.
func (u *UI) fresh(s *identity.Session) bool {
	return !future(s.AuthenticatedAt) && time.Since(s.AuthenticatedAt) < u.cfg.AccountRules.Privileged
}

// proveAgain returns where a person proves once more who they are, and comes back to the page.
func (u *UI) proveAgain(page string) string {
	return u.to("/login", url.Values{"refresh": {"true"}, "return_to": {u.to(page, nil)}})
}

// guard is what makes a form of the account pages ours: the token is bound to the person who saw the
// page, so that it does nothing to whoever is signed in by the time it is sent.
type guard struct{ CSRF, Person string }

func (u *UI) guard(w http.ResponseWriter, r *http.Request, purpose string, s *identity.Session) guard {
	return guard{u.csrf.token(w, r, purpose, s.Identity.ID), s.Identity.ID}
}

func (u *UI) checkGuard(w http.ResponseWriter, r *http.Request, purpose string, s *identity.Session) error {
	if err := u.csrf.check(w, r, purpose, "person"); err != nil {
		return err
	}
	if r.PostForm.Get("person") != s.Identity.ID {
		return &identity.Error{
			Code:    identity.Forbidden,
			Message: "Somebody else has signed in in this browser since the page was shown, so we did nothing.",
		}
	}
	return nil
}

// inAccount makes a page one of the account, with the way to the others.
func (u *UI) inAccount(l layout, p *locale.Printer, current string) layout {
	l.Nav = u.accountNav(p, current)
	return l
}

// accountNav leads through the account pages.
func (u *UI) accountNav(p *locale.Printer, current string) []navLink {
	var nav []navLink
	add := func(label, href, icon string) {
		nav = append(nav, navLink{Label: label, Href: href, Icon: icon, Current: href == current})
	}
	add(p.Text("Overview"), accountPath, "home")
	add(p.Text("Security"), securityPath, "shield")
	add(p.Text("Devices"), sessionsPath, "device")
	add(p.Text("Applications"), applicationsPath, "apps")
	add(p.Text("Your data"), dataPath, "download")
	if u.cfg.Settings {
		add(p.Text("Settings"), settingsPath, "settings")
	}
	return nav
}

// when is a time for a person and for a machine.
type when struct{ Text, ISO string }

func day(p *locale.Printer, t time.Time) *when {
	if t.IsZero() {
		return nil
	}
	return &when{p.Date(t), t.UTC().Format(time.RFC3339)}
}

func minute(p *locale.Printer, t time.Time) *when {
	if t.IsZero() {
		return nil
	}
	return &when{p.DateTime(t), t.UTC().Format(time.RFC3339)}
}
