package ui

import (
	"net/http"
	"strings"

	"example.com/identityd/internal/identity"
)

// maxMail bounds, in characters, the text of a mail on its page.
const maxMail = 32 << 10

type mailPage struct {
	layout
	Mail mailLine
	Text string
	HTML string // the address of the HTML part, or empty
	// Back is where the mail was opened from.
	Back, BackLabel string
}

func (u *UI) showMail(w http.ResponseWriter, r *http.Request) error {
	m, err := u.mail(r)
	if err != nil {
		return err
	}
	page := mailPage{
		layout: u.layout(r, "Mail"), Mail: u.mailLine(r, m), Text: plainLines(m.Text, maxMail),
		Back: inboxPath, BackLabel: u.printer(r).Text("Inbox"),
	}
	if m.HTML != "" {
		page.HTML = page.Mail.Href + "/html"
		u.allowOwnFrames(w)
	}
	return render(w, http.StatusOK, u.pages.Mail, page)
}

// showMailHTML sends the HTML part of a mail for the frame on its page. Anybody who makes Kratos
// write a mail has a say in it, so that it may run nothing, load nothing and know no origin: neither
// in the frame nor when its address is opened in a window.
func (u *UI) showMailHTML(w http.ResponseWriter, r *http.Request) error {
	m, err := u.mail(r)
	if err != nil {
		return err
	}
	if m.HTML == "" {
		return noMail()
	}
	sendMailHTML(w, m.HTML)
	return nil
}

func sendMailHTML(w http.ResponseWriter, html string) {
	h := w.Header()
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'; style-src 'unsafe-inline'; "+
		"img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'")
	h.Set("X-Frame-Options", "SAMEORIGIN")
	send(w, http.StatusOK, []byte(html))
}

func (u *UI) mail(r *http.Request) (identity.Mail, error) {
	m, ok := u.cfg.Inbox.Mail(r.PathValue("id"))
	if !ok {
		return identity.Mail{}, noMail()
	}
	return m, nil
}

func noMail() error {
	return &identity.Error{
		Code: identity.NotFound, Message: "This mail is not in the inbox any more.",
	}
}

// plainLines is plain for a text of many lines.
func plainLines(text string, limit int) string {
	var b strings.Builder
	empty := 0
	for line := range strings.Lines(text) {
		line = plain(line, limit)
		if line == "" {
			empty++
			continue
		}
		if b.Len() > 0 {
			// Paragraphs stay apart, but nobody has to scroll through emptiness.
			b.WriteString(strings.Repeat("\n", min(empty, 1)+1))
		}
		empty = 0
		if b.Len()+len(line) > limit {
			b.WriteString("…")
			break
		}
		b.WriteString(line)
	}
	return b.String()
}
