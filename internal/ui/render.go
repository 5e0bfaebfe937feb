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

// page is a parsed template that takes nothing but a T, by language.
type page[T spoken] struct{ tmpls map[string]*template.Template }

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

// layouts are the templates that all pages share.
type layouts struct {
	*template.Template
	texts *locale.Texts
}

func loadPages(texts *locale.Texts) (*pages, error) {
	layout, err := template.New("").Funcs(functions(texts.Default())).ParseFS(templateFiles,
		"templates/layout/*.html")
	if err != nil {
		return nil, fmt.Errorf("parsing the layout: %w", err)
	}
	shared := layouts{layout, texts}
	p := &pages{}
	for _, load := range []func() error{
		func() error { return p.Account.parse(shared, "account") },
		func() error { return p.Activity.parse(shared, "activity") },
		func() error { return p.Applications.parse(shared, "applications") },
		func() error { return p.Choose.parse(shared, "choose") },
		func() error { return p.Confirm.parse(shared, "confirm") },
		func() error { return p.Consent.parse(shared, "consent") },
		func() error { return p.Cookies.parse(shared, "cookies") },
		func() error { return p.Data.parse(shared, "data") },
		func() error { return p.Deleted.parse(shared, "deleted") },
		func() error { return p.Deletion.parse(shared, "deletion") },
		func() error { return p.Enroll.parse(shared, "enroll") },
		func() error { return p.Error.parse(shared, "error") },
		func() error { return p.Flow.parse(shared, "flow") },
		func() error { return p.FormPost.parse(shared, "formpost") },
		func() error { return p.Help.parse(shared, "help") },
		func() error { return p.Home.parse(shared, "home") },
		func() error { return p.Inbox.parse(shared, "inbox") },
		func() error { return p.Leaving.parse(shared, "leaving") },
		func() error { return p.Logout.parse(shared, "logout") },
		func() error { return p.Mail.parse(shared, "mail") },
		func() error { return p.Previews.parse(shared, "previews") },
		func() error { return p.Security.parse(shared, "security") },
		func() error { return p.Sessions.parse(shared, "sessions") },
		func() error { return p.Settings.parse(shared, "settings") },
		func() error { return p.SignedOut.parse(shared, "signedout") },
		func() error { return p.SignOut.parse(shared, "signout") },
		func() error { return p.Stayed.parse(shared, "stayed") },
		func() error { return p.TooMany.parse(shared, "toomany") },
	} {
		if err := load(); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (p *page[T]) parse(shared layouts, name string) error {
	set, err := shared.Clone()
	if err != nil {
		return fmt.Errorf("cloning the layout for %s: %w", name, err)
	}
	if _, err := set.ParseFS(templateFiles, "templates/"+name+".html"); err != nil {
		return fmt.Errorf("parsing page %s: %w", name, err)
	}
	p.tmpls = map[string]*template.Template{}
	for _, say := range shared.texts.Offered() {
		// A set of its own per language, so that the functions know it wherever they are called.
		own, err := set.Clone()
		if err != nil {
			return fmt.Errorf("cloning page %s: %w", name, err)
		}
		p.tmpls[say.Lang()] = own.Funcs(functions(say)).Lookup("layout")
	}
	return nil
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
	var body bytes.Buffer
	if err := p.tmpls[data.language()].Execute(&body, data); err != nil {
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

func (u *UI) renderBroken() (map[string][]byte, error) {
	out := map[string][]byte{}
	for _, say := range u.texts.Offered() {
		var body bytes.Buffer
		page := u.errorPage(say, internal(say), "")
		if err := u.pages.Error.tmpls[say.Lang()].Execute(&body, page); err != nil {
			return nil, fmt.Errorf("rendering a page: %w", err)
		}
		out[say.Lang()] = body.Bytes()
	}
	return out, nil
}
