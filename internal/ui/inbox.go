package ui

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"example.com/identityd/internal/identity"
)

// The inbox of development: what would have been sent, for the person at this machine.
const (
	inboxPath    = "/account/inbox"
	clearPath    = inboxPath + "/clear"
	inboxSeconds = 5
)

type inboxPage struct {
	layout
	// Again is after how many seconds the script looks for new mail. A page that did so by itself
	// would take the place away from whoever reads it slowly (WCAG 2.2.1).
	Again int
	Mails []mailLine
	// Previews is where every mail can be looked at, or empty.
	Previews string
	CSRF     string
}

// mailLine is what both pages of the inbox show of a mail.
type mailLine struct {
	Href      string
	Subject   string
	From, To  string
	Time, ISO string
	Code      string
	Action    *link // into the flow that waits for this mail, or nil
}

func (u *UI) inboxRoutes() []route {
	if u.cfg.Inbox == nil {
		return nil
	}
	return append([]route{
		{"GET", inboxPath, u.showInbox},
		{"GET", inboxPath + "/{id}", u.showMail},
		{"GET", inboxPath + "/{id}/html", u.showMailHTML},
		{"POST", clearPath, u.clearInbox},
	}, u.previewRoutes()...)
}

// inboxLink returns where mail is read in development, or nothing.
func (u *UI) inboxLink() string {
	if u.cfg.Inbox == nil {
		return ""
	}
	return inboxPath
}

func (u *UI) showInbox(w http.ResponseWriter, r *http.Request) error {
	page := inboxPage{layout: u.layout(r, "Inbox"), CSRF: u.csrf.token(w, r, purposeInbox, "")}
	page.Wide, page.Again = true, inboxSeconds
	if u.cfg.Previews != nil {
		page.Previews = previewsPath
	}
	for _, m := range u.cfg.Inbox.Mails() {
		page.Mails = append(page.Mails, u.mailLine(r, m))
	}
	return render(w, http.StatusOK, u.pages.Inbox, page)
}

func (u *UI) clearInbox(w http.ResponseWriter, r *http.Request) error {
	if err := u.csrf.check(w, r, purposeInbox, ""); err != nil {
		return err
	}
	u.cfg.Inbox.Clear()
	return redirect(w, u.to(inboxPath, nil))
}

func (u *UI) mailLine(r *http.Request, m identity.Mail) mailLine {
	p := u.printer(r)
	line := mailLine{
		Href:    inboxPath + "/" + url.PathEscape(m.ID),
		Subject: plain(m.Subject, maxSentence),
		From:    plain(m.From, maxSentence),
		To:      plain(strings.Join(m.To, ", "), maxSentence),
		Time:    p.DateTime(m.Date),
		ISO:     m.Date.UTC().Format(time.RFC3339),
		Action:  u.mailAction(r, m),
	}
	if line.Subject == "" {
		line.Subject = p.Text("(no subject)")
	}
	if validCode(m.Code) {
		line.Code = m.Code
	}
	return line
}

// mailAction leads from a mail into the flow that waits for it in this browser, or to the mail's
// own link. A mail is untrusted: only addresses of ours become links.
func (u *UI) mailAction(r *http.Request, m identity.Mail) *link {
	known := m.Link != "" && u.ours(m.Link)
	if kind, id := u.waiting(r); id != "" && validCode(m.Code) {
		ofKind, ofID := identity.FlowKind(""), ""
		if known {
			ofKind, ofID = u.flowOf(m.Link)
		}
		// A code fits one flow. The link beside it says which; a mail without one may be any.
		if ofID == "" || ofKind == kind && ofID == id {
			to := u.to("/"+string(kind), url.Values{"flow": {id}, "code": {m.Code}})
			return &link{u.printer(r).Text("Use this code"), to}
		}
	}
	if known {
		return &link{u.printer(r).Text("Open the link"), m.Link}
	}
	return nil
}

// flowOf returns the flow that a link of Kratos' mails belongs to, or empty texts.
func (u *UI) flowOf(address string) (kind identity.FlowKind, id string) {
	to, err := url.Parse(address)
	if err != nil || !sameOrigin(to, u.at.kratos) {
		return "", ""
	}
	name, ok := strings.CutPrefix(to.Path, u.at.kratos.Path+"/self-service/")
	if id = to.Query().Get("flow"); !ok || !validID(id) {
		return "", ""
	}
	return identity.FlowKind(name), id
}
