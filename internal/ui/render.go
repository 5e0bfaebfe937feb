package ui

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"strconv"

	"example.com/identityd/internal/locale"
)

//go:embed templates
var templateFiles embed.FS

// layout is what every page has. It is embedded in each page's own struct.
type layout struct {
	Title string
	// Lang and Dir are those of the page, Languages what else there is, Here where to come back to.
	Lang, Dir string
	Languages []languageChoice
	Here      string
	Brand     string
	CSS       []string
	// Scripts are small and of our own, but for Kratos' where a page needs it; pages work without.
	Scripts []script
	Icon    string
	Logo    string // the address of the operator's logo, or empty
	// Wide pages are documents; without it a page is a door: one question beside the panel.
	Wide bool
	// Nav, when set, makes this a page of the account.
	Nav   []navLink
	Links []link // at the foot
	// Base is where a page that is shown at another origin has its links and files.
	Base string
	// Onward leads to an application that waits, on pages that are on nobody's way to one.
	Onward *onward
}

// navLink is an entry of the navigation between the pages of an account. Icon is a name of
// templates/layout/icons.html without its "icon-".
type navLink struct {
	Label, Href, Icon string
	Current           bool
}

// Class says which kind of page this is (assets/css/30-layout.css).
func (l layout) Class() string {
	switch {
	case len(l.Nav) > 0:
		return "shell"
	case l.Wide:
		return "wide"
	default:
		return "door"
	}
}

func (l layout) language() string { return l.Lang }

// spoken is the data of a page, which knows its language by the layout in it.
type spoken interface{ language() string }

// pages holds one field per file of templates, and nothing else.
type pages struct {
	Account      page[accountPage]
	Activity     page[activityPage]
	Applications page[applicationsPage]
	Choose       page[choosePage]
	Confirm      page[confirmPage]
	Consent      page[consentPage]
	Cookies      page[cookiesPage]
	Data         page[dataPage]
	Deleted      page[deletedPage]
	Deletion     page[deletionPage]
	Enroll       page[enrollPage]
	Error        page[errorPage]
	Flow         page[flowPage]
	FormPost     page[formPostPage]
	Help         page[helpPage]
	Home         page[homePage]
	Inbox        page[inboxPage]
	Invitation   page[invitationPage]
	Leaving      page[leavingPage]
	Logout       page[logoutPage]
	Mail         page[mailPage]
	Previews     page[previewsPage]
	Security     page[securityPage]
	Sessions     page[sessionsPage]
	Settings     page[settingsPage]
	SignedOut    page[signedOutPage]
	SignOut      page[signOutPage]
	Stayed       page[stayedPage]
	TooMany      page[tooManyPage]
}

// newPages makes the pages as they are asked for. What is wrong with one is found by the tests, which
// walk them all; people are shown the fallback.
func newPages(texts *locale.Texts) *pages {
	layout, shared := parseLayout(texts), &buffers{}
	of := func(name string) *sheet {
		return &sheet{name: name, texts: texts, layout: layout, buffers: shared, by: map[string]*template.Template{}}
	}
	return &pages{
		Account:      page[accountPage]{of("account")},
		Activity:     page[activityPage]{of("activity")},
		Applications: page[applicationsPage]{of("applications")},
		Choose:       page[choosePage]{of("choose")},
		Confirm:      page[confirmPage]{of("confirm")},
		Consent:      page[consentPage]{of("consent")},
		Cookies:      page[cookiesPage]{of("cookies")},
		Data:         page[dataPage]{of("data")},
		Deleted:      page[deletedPage]{of("deleted")},
		Deletion:     page[deletionPage]{of("deletion")},
		Enroll:       page[enrollPage]{of("enroll")},
		Error:        page[errorPage]{of("error")},
		Flow:         page[flowPage]{of("flow")},
		FormPost:     page[formPostPage]{of("formpost")},
		Help:         page[helpPage]{of("help")},
		Home:         page[homePage]{of("home")},
		Inbox:        page[inboxPage]{of("inbox")},
		Invitation:   page[invitationPage]{of("invitation")},
		Leaving:      page[leavingPage]{of("leaving")},
		Logout:       page[logoutPage]{of("logout")},
		Mail:         page[mailPage]{of("mail")},
		Previews:     page[previewsPage]{of("previews")},
		Security:     page[securityPage]{of("security")},
		Sessions:     page[sessionsPage]{of("sessions")},
		Settings:     page[settingsPage]{of("settings")},
		SignedOut:    page[signedOutPage]{of("signedout")},
		SignOut:      page[signOutPage]{of("signout")},
		Stayed:       page[stayedPage]{of("stayed")},
		TooMany:      page[tooManyPage]{of("toomany")},
	}
}

// layout takes the title in English, as a literal.
func (u *UI) layout(r *http.Request, title string) layout {
	return u.layoutOf(r, u.printer(r).Known(title))
}

// layoutOf takes a title that is translated already.
func (u *UI) layoutOf(r *http.Request, title string) layout {
	l := u.layoutIn(u.printer(r), title)
	l.Here = here(r)
	return l
}

func (u *UI) layoutIn(say *locale.Printer, title string) layout {
	return layout{
		Title:     title,
		Lang:      say.Lang(),
		Dir:       say.Dir(),
		Languages: u.choices(say),
		Here:      "/",
		Brand:     u.cfg.Brand.Name,
		CSS:       u.assets.styles(),
		Icon:      "/assets/" + u.assets.icon(),
		Logo:      u.assets.logo(),
		Links:     u.cfg.Links.foot(say),
		Scripts:   []script{{Source: u.assets.path("app.js")}},
	}
}

// with adds a script that has to be there before ours begins; nil adds none.
func (l layout) with(s *script) layout {
	if s != nil {
		l.Scripts = append([]script{*s}, l.Scripts...)
	}
	return l
}

// render writes a page as a whole or not at all: a template that fails half-way must not become
// half a page with status 200.
func render[T spoken](w http.ResponseWriter, status int, p page[T], data T) error {
	tmpl, err := p.in(data.language())
	if err != nil {
		return err
	}
	body := p.buffers.get()
	defer p.buffers.put(body)
	if err := tmpl.Execute(body, data); err != nil {
		return fmt.Errorf("rendering a page: %w", err)
	}
	send(w, status, body.Bytes())
	return nil
}

func send(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// renderBroken renders the fallback page.
func (u *UI) renderBroken(say *locale.Printer) ([]byte, error) {
	tmpl, err := u.pages.Error.in(say.Lang())
	if err != nil {
		return nil, err
	}
	var body bytes.Buffer
	if err := tmpl.Execute(&body, u.errorPage(say, internal(say), foot{Status: http.StatusInternalServerError})); err != nil {
		return nil, fmt.Errorf("rendering a page: %w", err)
	}
	return body.Bytes(), nil
}
