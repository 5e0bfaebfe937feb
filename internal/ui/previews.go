package ui

import (
	"net/http"
	"slices"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/locale"
)

// The previews of development: every mail that could be sent, in every language, with made-up codes.
const previewsPath = "/account/inbox-previews"

type previewsPage struct {
	layout
	Kinds  []previewKind
	Spoken []previewLanguage
	Back   string
}

type previewKind struct{ Name, Title string }

type previewLanguage struct{ Lang, Name string }

func (u *UI) previewRoutes() []route {
	if u.cfg.Previews == nil {
		return nil
	}
	return []route{
		{"GET", previewsPath, u.showPreviews},
		{"GET", previewsPath + "/{kind}/{lang}", u.showPreview},
		{"GET", previewsPath + "/{kind}/{lang}/html", u.showPreviewHTML},
	}
}

func (u *UI) showPreviews(w http.ResponseWriter, r *http.Request) error {
	p := u.printer(r)
	page := previewsPage{layout: u.layout(r, "Every mail, in every language"), Back: inboxPath}
	for _, kind := range u.cfg.Previews.Kinds() {
		page.Kinds = append(page.Kinds, previewKind{kind, previewTitle(p, kind)})
	}
	for _, p := range u.texts.Offered() {
		page.Spoken = append(page.Spoken, previewLanguage{p.Lang(), p.Name()})
	}
	return render(w, http.StatusOK, u.pages.Previews, page)
}

// previewTitle says when a mail is sent.
func previewTitle(p *locale.Printer, kind string) string {
	switch kind {
	case "registration_code_valid":
		return p.Text("A code to sign up")
	case "login_code_valid":
		return p.Text("A code to sign in")
	case "verification_code_valid":
		return p.Text("A code to verify an address")
	case "verification_valid":
		return p.Text("A link to verify an address")
	case "recovery_code_valid":
		return p.Text("A code to get back in")
	case "recovery_valid":
		return p.Text("A link to get back in")
	case "verification_code_invalid", "verification_invalid":
		return p.Text("Verification of an address that nobody has")
	case "recovery_code_invalid", "recovery_invalid":
		return p.Text("Recovery with an address that nobody has")
	default:
		return kind
	}
}

func (u *UI) showPreview(w http.ResponseWriter, r *http.Request) error {
	m, err := u.preview(r)
	if err != nil {
		return err
	}
	p := u.printer(r)
	page := mailPage{
		layout: u.layout(r, "Mail"), Text: plainLines(m.Text, maxMail), Back: previewsPath,
		BackLabel: p.Text("Every mail, in every language"),
		Mail:      mailLine{Subject: plain(m.Subject, maxSentence)},
		HTML:      r.URL.Path + "/html",
	}
	u.allowOwnFrames(w)
	return render(w, http.StatusOK, u.pages.Mail, page)
}

func (u *UI) showPreviewHTML(w http.ResponseWriter, r *http.Request) error {
	m, err := u.preview(r)
	if err != nil {
		return err
	}
	sendMailHTML(w, m.HTML)
	return nil
}

func (u *UI) preview(r *http.Request) (identity.Mail, error) {
	kind, lang := r.PathValue("kind"), r.PathValue("lang")
	_, offered := u.texts.In(lang)
	if !offered || !slices.Contains(u.cfg.Previews.Kinds(), kind) {
		return identity.Mail{}, &identity.Error{Code: identity.NotFound, Message: "There is no such mail."}
	}
	return u.cfg.Previews.Preview(kind, lang)
}
