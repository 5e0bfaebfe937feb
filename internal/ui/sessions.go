package ui

import (
	"net/http"
	"slices"
	"time"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/locale"
)

// perPage is how many sessions or applications a page lists.
const perPage = 12

type sessionsPage struct {
	layout
	Guard    guard
	Done     string
	Sessions []sessionRow
	Others   bool // there is another session to end
	Pager    pager
}

// sessionRow is a place where somebody is signed in.
type sessionRow struct {
	ID                   string
	Title, Icon, Address string
	Current              bool
	Methods              []string
	Strong               bool // two factors
	SignedIn             *when
	// Confirmed is when the person proved once more who they are, Extended when the session was
	// prolonged without: nil when neither happened.
	Confirmed, Extended, Ends *when
}

func (u *UI) showSessions(w http.ResponseWriter, r *http.Request, s *identity.Session) error {
	number := pageNumber(r)
	found, total, err := u.cfg.Account.SessionsOf(r.Context(), s.Identity.ID, number, perPage)
	if err != nil {
		return err
	}
	p := u.printer(r)
	page := sessionsPage{
		layout: u.inAccount(u.layout(r, "Where you are signed in"), p, sessionsPath),
		Guard:  u.guard(w, r, purposeSessions, s),
		Others: total > 1,
		Pager:  newPager(sessionsPath, number, total),
	}
	switch r.URL.Query().Get("done") {
	case "one":
		page.Done = p.Text("That device is signed out.")
	case "others":
		page.Done = p.Text("All other devices are signed out.")
	}
	for i := range found {
		page.Sessions = append(page.Sessions, u.sessionRow(p, &found[i], found[i].ID == s.ID))
	}
	// The one that asks comes first, wherever its age puts it on this page.
	if i := slices.IndexFunc(page.Sessions, func(row sessionRow) bool { return row.Current }); i > 0 {
		mine := page.Sessions[i]
		page.Sessions = slices.Insert(slices.Delete(page.Sessions, i, i+1), 0, mine)
	}
	return render(w, http.StatusOK, u.pages.Sessions, page)
}

func (u *UI) sessionRow(p *locale.Printer, s *identity.Session, current bool) sessionRow {
	d := deviceOf(s)
	row := sessionRow{
		ID: s.ID, Title: d.title(p), Icon: d.Icon, Address: d.Address, Current: current,
		Methods: methodNames(p, s.Methods), Strong: s.AAL == "aal2",
		SignedIn: minute(p, s.IssuedAt), Ends: day(p, s.ExpiresAt),
	}
	if row.SignedIn == nil {
		row.SignedIn = minute(p, s.AuthenticatedAt)
	}
	if s.AuthenticatedAt.Sub(s.IssuedAt) > time.Minute {
		row.Confirmed = minute(p, s.AuthenticatedAt)
	}
	// Kratos notes no extension, but each one moves the end.
	extended := s.ExpiresAt.Add(-u.cfg.SessionLifespan)
	if u.cfg.SessionLifespan > 0 && extended.Sub(s.AuthenticatedAt) > time.Minute && extended.Before(time.Now()) {
		row.Extended = minute(p, extended)
	}
	return row
}

// methodNames says how somebody signed in, each way once.
func methodNames(p *locale.Printer, methods []identity.Method) []string {
	var out []string
	for _, m := range methods {
		if name := methodName(p, m); !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

func methodName(p *locale.Printer, m identity.Method) string {
	switch m.Method {
	case "password":
		return p.Text("Password")
	case "oidc", "saml":
		if provider := serviceName(m.Provider); provider != "" {
			return provider
		}
		return p.Text("Another account")
	case "totp":
		return p.Text("Authenticator app")
	case "webauthn":
		return p.Text("Security key")
	case "passkey":
		return p.Text("Passkey")
	case "lookup_secret":
		return p.Text("Recovery code")
	case "code":
		return p.Text("Code by mail")
	case "link_recovery", "code_recovery":
		return p.Text("Account recovery")
	default:
		return plain(m.Method, maxShort)
	}
}

// serviceName is how a person knows an upstream service.
func serviceName(id string) string {
	switch id {
	case "google":
		return "Google"
	case "github":
		return "GitHub"
	case "gitlab":
		return "GitLab"
	case "microsoft":
		return "Microsoft"
	case "apple":
		return "Apple"
	default:
		return plain(id, maxShort)
	}
}

func (u *UI) revokeSession(w http.ResponseWriter, r *http.Request, s *identity.Session) error {
	if err := u.checkGuard(w, r, purposeSessions, s); err != nil {
		return err
	}
	id := r.PostForm.Get("session")
	if !validUUID(id) || id == s.ID {
		return &identity.Error{Code: identity.BadRequest, Message: "The form does not say which device is meant."}
	}
	if err := u.cfg.Account.RevokeSession(r.Context(), cookies(r), id); err != nil {
		return err
	}
	return redirect(w, u.to(sessionsPath, map[string][]string{"done": {"one"}}))
}

func (u *UI) revokeOtherSessions(w http.ResponseWriter, r *http.Request, s *identity.Session) error {
	if err := u.checkGuard(w, r, purposeSessions, s); err != nil {
		return err
	}
	if err := u.cfg.Account.RevokeOtherSessions(r.Context(), cookies(r)); err != nil {
		return err
	}
	return redirect(w, u.to(sessionsPath, map[string][]string{"done": {"others"}}))
}
