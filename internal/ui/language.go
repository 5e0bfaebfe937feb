package ui

import (
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/locale"
)

const (
	// languageCookie remembers which language a person chose.
	languageCookie = "identityd_ui_language"
	languageMemory = 365 * 24 * time.Hour
	languagePath   = "/account/language"
	// langParam tells Kratos' flows, and so the mails that they send, the language of the page they
	// began on: it is in the address of the request, which Kratos keeps (docs/ory-quirks.md#q46).
	langParam = "lang"
)

// languageChoice is a language in the chooser at the foot of each page.
type languageChoice struct {
	Lang, Name string
	Current    bool
}

// printer returns the language of a request.
func (u *UI) printer(r *http.Request) *locale.Printer {
	chosen := ""
	if cookie, err := r.Cookie(u.cookieName(languageCookie)); err == nil {
		chosen = cookie.Value
	}
	return u.texts.Match(chosen, strings.Join(r.Header.Values("Accept-Language"), ","))
}

// choices is empty where there is nothing to choose.
func (u *UI) choices(current *locale.Printer) []languageChoice {
	offered := u.texts.Offered()
	if len(offered) < 2 {
		return nil
	}
	var out []languageChoice
	for _, p := range offered {
		out = append(out, languageChoice{p.Lang(), p.Name(), p == current})
	}
	return out
}

// chooseLanguage remembers a language and goes back to the page that it was chosen on. It is a GET
// without a token: the worst that another site can do with it is a page in another language.
func (u *UI) chooseLanguage(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	p, offered := u.texts.In(query.Get(langParam))
	if !offered {
		return &identity.Error{
			Code: identity.BadRequest, Message: "This language is not offered here.",
		}
	}
	u.setCookie(w, languageCookie, p.Lang(), languageMemory)
	back := query.Get("back")
	to, err := url.Parse(back)
	if err != nil || to.Scheme != "" || !validReturnTo(back) || to.Path == languagePath {
		back = "/"
	}
	return redirect(w, u.to("", nil)+back)
}

// here returns the address that a page can be asked for again, or that of the start page when the
// page was the answer to a form.
func here(r *http.Request) string {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return "/"
	}
	return r.URL.RequestURI()
}

// functions are what templates can call. t says a sentence, tb one whose arguments come from others.
func functions(p *locale.Printer) template.FuncMap {
	return template.FuncMap{"t": p.Text, "tb": p.HTML}
}
