package ui

import (
	"net/http"

	"example.com/identityd/internal/identity"
)

// accountPage is the overview: what an account is, and where each part of it is.
type accountPage struct {
	layout
	Account      string
	Member       *when // since when
	Hints        []hint
	Factors      []factorRow
	Sessions     string
	Applications string
	// Activity says that there is a page of what happened.
	Activity bool
	Inbox    string
	CSRF     string // of the form that signs out
	// Settings and Deletion say whether there is something to link to.
	Settings, Deletion bool
}

func (u *UI) showAccount(w http.ResponseWriter, r *http.Request, s *identity.Session) error {
	set, err := u.cfg.Account.FactorsOf(r.Context(), s.Identity.ID)
	if err != nil {
		return err
	}
	_, sessions, err := u.cfg.Account.SessionsOf(r.Context(), s.Identity.ID, 1, 0)
	if err != nil {
		return err
	}
	grants, err := u.cfg.Grants.Grants(r.Context(), s.Identity.ID)
	if err != nil {
		return err
	}
	p := u.printer(r)
	page := accountPage{
		layout:       u.inAccount(u.layout(r, "Your account"), p, accountPath),
		Account:      accountName(s.Identity),
		Member:       day(p, s.Identity.CreatedAt),
		Hints:        append(u.addressHints(p, s), u.factorHints(p, set)...),
		Factors:      u.factorRows(p, set),
		Sessions:     p.Text("%d devices", sessions),
		Applications: p.Text("%d applications", len(grants)),
		Activity:     u.cfg.Activity != nil,
		Inbox:        u.inboxLink(),
		CSRF:         u.csrf.token(w, r, purposeSignOut, ""),
		Settings:     u.cfg.Settings,
		Deletion:     u.cfg.AccountRules.Deletion,
	}
	page.Onward = u.onward(r)
	return render(w, http.StatusOK, u.pages.Account, page)
}
