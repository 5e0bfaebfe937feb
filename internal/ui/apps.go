package ui

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"example.com/identityd/internal/identity"
)

// waitingApp is an application that this browser is on its way to. What is kept is the application's own
// request, which can be begun again, and not Hydra's challenge for it, which is large and short-lived.
type waitingApp struct {
	Client string `json:"c"`
	Name   string `json:"n"`
	URL    string `json:"u"`
	// Asked is when, in seconds of Unix time.
	Asked int64 `json:"t"`
	// Challenge is a digest of the newest challenge.
	Challenge string `json:"h"`
	// Done applications have got their answer.
	Done bool `json:"d,omitempty"`
}

const (
	appsCookie = "identityd_ui_apps"
	// appsLimit is how long an application is worth waiting for: it forgets what it asked itself.
	appsLimit = time.Hour
	maxApps   = 4
	// maxCookie is below the 4096 bytes at which browsers drop a cookie, name included.
	maxCookie = 3900
)

// key names a request in an address. The prompts are no part of it: they may be fulfilled meanwhile.
func (a waitingApp) key() string { return appKey(a.URL) }

func appKey(requestURL string) string { return digest(withoutPrompts(requestURL)) }

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum[:9])
}

// withoutPrompts takes out of an authorization request what asks for a sign-in, a choice or a sign-up.
func withoutPrompts(requestURL string) string {
	u, err := url.Parse(requestURL)
	if err != nil {
		return requestURL
	}
	query := u.Query()
	var rest []string
	for _, word := range strings.Fields(query.Get("prompt")) {
		if word != "login" && word != "registration" {
			rest = append(rest, word)
		}
	}
	query.Del("prompt")
	if len(rest) > 0 {
		query.Set("prompt", strings.Join(rest, " "))
	}
	query.Del(promptParam)
	u.RawQuery = query.Encode()
	return u.String()
}

// apps returns the applications that this browser is on its way to, the newest first.
func (u *UI) apps(r *http.Request) []waitingApp {
	cookie, err := r.Cookie(u.cookieName(appsCookie))
	if err != nil {
		return nil
	}
	binding, ok := u.csrf.value(r)
	var list []waitingApp
	if !ok || !u.seal.open(cookie.Value, appsCookie+binding, &list) {
		return nil
	}
	oldest := time.Now().Add(-appsLimit).Unix()
	return slices.DeleteFunc(list, func(a waitingApp) bool { return a.Asked < oldest || !u.begins(a.URL) })
}

// begins says whether an address is that of an authorization request at Hydra's.
func (u *UI) begins(raw string) bool {
	to, err := url.Parse(raw)
	return err == nil && isWeb(to) && to.User == nil && sameOrigin(to, u.at.hydra) &&
		to.Path == u.at.hydra.Path+"/oauth2/auth"
}

// keepApps writes the list. What does not fit is left out, the oldest first. The browser's secret binds it
// to this browser: a list that was made in another one is nothing here.
func (u *UI) keepApps(w http.ResponseWriter, r *http.Request, list []waitingApp) {
	binding := u.csrf.ensure(w, r)
	list = list[:min(len(list), maxApps)]
	for ; len(list) > 0; list = list[:len(list)-1] {
		text, err := u.seal.close(list, appsCookie+binding)
		if err == nil && len(text) <= maxCookie {
			u.setCookie(w, appsCookie, text, appsLimit)
			return
		}
	}
	u.setCookie(w, appsCookie, "", -1)
}

// expect remembers the application behind a challenge.
func (u *UI) expect(w http.ResponseWriter, r *http.Request, challenge string, request *identity.LoginRequest) {
	app := waitingApp{
		Client: request.Client.ID, Name: clientName(request.Client), URL: request.RequestURL,
		Asked: request.RequestedAt.Unix(), Challenge: digest(challenge),
	}
	if !u.begins(app.URL) {
		return
	}
	rest := slices.DeleteFunc(u.apps(r), func(a waitingApp) bool { return a.key() == app.key() })
	u.keepApps(w, r, append([]waitingApp{app}, rest...))
}

// finish remembers that an application has got its answer.
func (u *UI) finish(w http.ResponseWriter, r *http.Request, requestURL string) {
	list := u.apps(r)
	i := slices.IndexFunc(list, func(a waitingApp) bool { return a.key() == appKey(requestURL) })
	if i < 0 {
		return
	}
	list[i].Done = true
	u.keepApps(w, r, list)
}

// answeredBefore returns where a request begins again that has got its answer already: the browser came back
// to a page that can be answered once only. It is empty for one that has not.
func (u *UI) answeredBefore(r *http.Request, requestURL string) string {
	for _, app := range u.apps(r) {
		if app.Done && app.key() == appKey(requestURL) {
			return u.onwardTo(app)
		}
	}
	return ""
}

// onward is the way on to an application.
type onward struct{ App, Href string }

// onward returns the way on to the application that waits, if there is one.
func (u *UI) onward(r *http.Request) *onward {
	for _, app := range u.apps(r) {
		if !app.Done {
			return &onward{app.Name, u.onwardTo(app)}
		}
	}
	return nil
}

// onwardBeside is onward for the page of a flow: not where the flow itself leads to an application, and
// not before somebody who cannot get in yet.
func (u *UI) onwardBeside(r *http.Request, kind identity.FlowKind, f *identity.Flow) *onward {
	closed := kind == identity.Recovery || kind == identity.Verification
	if challengeOf(kind, f) != "" || closed && f.State != statePassed {
		return nil
	}
	return u.onward(r)
}

func (u *UI) onwardTo(app waitingApp) string {
	return u.to(continuePath, url.Values{"app": {app.key()}})
}
