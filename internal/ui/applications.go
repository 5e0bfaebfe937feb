package ui

import (
	"net/http"
	"strconv"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/locale"
)

type applicationsPage struct {
	layout
	Guard        guard
	Done         string
	Applications []applicationRow
	Pager        pager
}

// applicationRow is an application that a person signed in to.
type applicationRow struct {
	ID            string // as the protocol spells it, to be sent back
	Anchor        string
	Name, Initial string
	Website       string // https, or empty
	Scopes        []scope
	State         string
	// Silent says that it gets access again without a question: it belongs to this service.
	Silent        bool
	Since, Latest *when
}

func (u *UI) showApplications(w http.ResponseWriter, r *http.Request, s *identity.Session) error {
	grants, err := u.cfg.Grants.Grants(r.Context(), s.Identity.ID)
	if err != nil {
		return err
	}
	p, number := u.printer(r), pageNumber(r)
	page := applicationsPage{
		layout: u.inAccount(u.layout(r, "Connected applications"), p, applicationsPath),
		Guard:  u.guard(w, r, purposeApplications, s),
		Pager:  newPager(applicationsPath, number, len(grants)),
	}
	if r.URL.Query().Get("done") == "one" {
		page.Done = p.Text("Access is taken back. The application has to ask again.")
	}
	for i, g := range part(grants, number) {
		name := clientName(g.Client)
		page.Applications = append(page.Applications, applicationRow{
			ID: g.Client.ID, Anchor: "application-" + strconv.Itoa(i), Name: name, Initial: initial(name), Website: secureLink(g.Client.URI),
			Scopes: describe(p, g.Scope, u.cfg.ScopeTexts), State: grantState(p, g), Silent: g.Client.SkipConsent,
			Since: day(p, g.Since), Latest: day(p, g.Latest),
		})
	}
	return render(w, http.StatusOK, u.pages.Applications, page)
}

// grantState says what an application can do at the moment.
func grantState(p *locale.Printer, g identity.Grant) string {
	switch {
	case g.Refresh:
		return p.Text("Has access, also while you are away.")
	case g.Access:
		return p.Text("Has access until you stop using it.")
	case g.Remembered:
		return p.Text("Has no access now. It gets access again without asking when you sign in to it.")
	default:
		return p.Text("Has no access now.")
	}
}

func (u *UI) revokeApplication(w http.ResponseWriter, r *http.Request, s *identity.Session) error {
	if err := u.checkGuard(w, r, purposeApplications, s); err != nil {
		return err
	}
	client := r.PostForm.Get("client")
	if client == "" || len(client) > 255 {
		return &identity.Error{Code: identity.BadRequest, Message: "The form does not say which application is meant."}
	}
	if err := u.cfg.Grants.RevokeGrants(r.Context(), s.Identity.ID, client); err != nil {
		return err
	}
	u.note(r, "ApplicationRevoked", s.Identity.ID, client, nil)
	return redirect(w, u.to(applicationsPath, map[string][]string{"done": {"one"}}))
}
