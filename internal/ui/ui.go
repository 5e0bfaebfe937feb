package ui

import (
	"fmt"
	"net/http"
	"strings"
	"sync"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/locale"
)

// UI serves the pages. It is safe for concurrent use.
type UI struct {
	cfg    Config
	at     origins
	csrf   csrf
	texts  *locale.Texts
	seal   seal
	assets *assets
	logos  map[string]string // by client id
	pages  *pages
	mux    *http.ServeMux
	// broken is the answer when no page can be rendered, and therefore rendered at start: in the default
	// language, since it is needed for nothing but a fault of ours.
	broken []byte
	// told are the kinds of nodes that were logged as unknown.
	told sync.Map
}

// New checks cfg and prepares every asset.
func New(cfg Config) (*UI, error) {
	at, err := cfg.complete()
	if err != nil {
		return nil, fmt.Errorf("configuring pages: %w", err)
	}
	u := &UI{cfg: cfg, at: at, csrf: newCSRF(cfg.CSRFKeys, at.ui.Scheme == "https")}
	if u.seal, err = newSeal(cfg.SealKeys); err != nil {
		return nil, err
	}
	if u.assets, err = loadAssets(); err != nil {
		return nil, fmt.Errorf("loading assets: %w", err)
	}
	u.logos = u.assets.addLogos(cfg.ClientLogos)
	if err = u.assets.dress(cfg.Brand); err != nil {
		return nil, fmt.Errorf("dressing pages: %w", err)
	}
	if u.texts = cfg.Texts; u.texts == nil {
		if u.texts, err = locale.Load(nil); err != nil {
			return nil, fmt.Errorf("loading texts: %w", err)
		}
	}
	u.pages = newPages(u.texts)
	if u.broken, err = u.renderBroken(u.texts.Default()); err != nil {
		return nil, fmt.Errorf("preparing the fallback page: %w", err)
	}
	u.mux = u.routes()
	return u, nil
}

// ServeHTTP implements http.Handler.
func (u *UI) ServeHTTP(w http.ResponseWriter, r *http.Request) { u.mux.ServeHTTP(w, r) }

// route is one page. Tests walk the table, so that a new page cannot be forgotten there.
type route struct {
	method, path string
	handle       handler
}

func (u *UI) table() []route {
	return append([]route{
		{"GET", "/{$}", u.home},
		{"GET", "/login", u.flow(identity.Login)},
		{"GET", helpPath, u.help},
		{"GET", "/registration", u.flow(identity.Registration)},
		{"GET", "/recovery", u.flow(identity.Recovery)},
		{"GET", "/verification", u.flow(identity.Verification)},
		{"GET", "/settings", u.flow(identity.Settings)},
		{"GET", "/consent", u.showConsent},
		{"POST", "/consent", u.answerConsent},
		{"GET", "/logout", u.showLogout},
		{"POST", "/logout", u.answerLogout},
		{"GET", "/account/logout", u.askSignOut},
		{"POST", "/account/logout", u.signOut},
		{"GET", leavingPath, u.signingOut},
		{"GET", "/account/stayed", u.stayed},
		{"POST", "/account/switch", u.switchAccount},
		{"POST", "/account/recovery-codes.txt", u.downloadCodes},
		{"GET", "/account/signed-out", u.signedOut},
		{"GET", "/error", u.showError},
		{"GET", languagePath, u.chooseLanguage},
		{"GET", continuePath, u.continueTo},
		{"GET", EnrollPath, u.enroll},
		{"GET", ConfirmPath, u.confirm},
		{"GET", InvitationPath, u.invitation},
		{"POST", InvitationPath, u.acceptInvitation},
		{"GET", withoutPath, u.withoutInvitation},
		{"POST", "/account/choose", u.goOnAs},
	}, append(u.accountRoutes(), u.inboxRoutes()...)...)
}

// Routes returns the table as patterns of net/http, for tests that look at every page.
func (u *UI) Routes() []string {
	var out []string
	for _, at := range u.table() {
		out = append(out, at.method+" "+at.path)
	}
	return append(out, "/") // whatever else is asked for
}

func (u *UI) routes() *http.ServeMux {
	mux := http.NewServeMux()
	allowed := map[string][]string{}
	for _, at := range u.table() {
		mux.HandleFunc(at.method+" "+at.path, u.serve(at.handle))
		allowed[at.path] = append(allowed[at.path], at.method)
	}
	// The catch-all below would answer 404 to a known page asked in a wrong way.
	for path, methods := range allowed {
		if path == clearPath {
			continue // in the way of the pattern for a mail, whose answer does
		}
		mux.HandleFunc(path, u.serve(u.methodNotAllowed(strings.Join(methods, ", "))))
	}
	mux.HandleFunc("GET /assets/{name}", u.serve(u.asset))
	mux.HandleFunc("GET "+webAuthnPath, u.serve(u.webAuthnScript))
	mux.HandleFunc("GET /favicon.ico", u.plain(u.favicon))
	mux.HandleFunc("GET /robots.txt", u.plain(robots))
	mux.HandleFunc("GET "+changePasswordPath, u.serve(u.changePassword))
	mux.HandleFunc("/", u.serve(u.notFound))
	return mux
}
