package ui

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"strings"
	"time"

	"example.com/identityd/internal/identity"
)

const (
	helpPath = "/login/help"
	// caseCookie remembers the case number of a person without a second factor, so that it stays the
	// same while they talk to somebody.
	caseCookie = "identityd_ui_case"
	caseMemory = time.Hour
	caseLength = 8
)

// helpPage is for somebody who has none of their second factors at hand: what else there is, and who can
// help.
type helpPage struct {
	layout
	Case    string
	Support string // an address of a page or of a mailbox, or empty
	Back    string // the second step again
	CSRF    string
	Then    string // the sign-in as somebody else
}

func (u *UI) help(w http.ResponseWriter, r *http.Request) error {
	params, err := u.passOn(identity.Login, r.URL.Query())
	if err != nil {
		return err
	}
	params.Del("aal")
	params.Del("refresh")
	then := u.to("/login", params)
	// Nobody gets a number who has not given the first factor: numbers are logged.
	if _, err := u.cfg.Sessions.Whoami(r.Context(), cookies(r)); isCode(err, identity.NoSession) {
		return redirect(w, then)
	} else if err != nil && !isCode(err, identity.AALRequired) {
		return err
	}
	back := url.Values{"aal": {"aal2"}}
	for name, values := range params {
		back[name] = values
	}
	return render(w, http.StatusOK, u.pages.Help, helpPage{
		layout:  u.layout(r, "Your second step is out of reach"),
		Case:    u.caseNumber(w, r),
		Support: supportLink(u.cfg.Links.Support),
		Back:    u.to("/login", back),
		CSRF:    u.csrf.token(w, r, purposeSwitch, then),
		Then:    then,
	})
}

// caseNumber is what a person tells those who help, who find it in the log with the id of the request.
func (u *UI) caseNumber(w http.ResponseWriter, r *http.Request) string {
	if cookie, err := r.Cookie(u.cookieName(caseCookie)); err == nil && validCase(cookie.Value) {
		return cookie.Value
	}
	number := rand.Text()[:caseLength]
	number = number[:caseLength/2] + "-" + number[caseLength/2:]
	u.setCookie(w, caseCookie, number, caseMemory)
	u.cfg.Log.InfoContext(r.Context(), "help asked for: no second factor at hand",
		"case", number, "request_id", u.cfg.RequestID(r.Context()))
	return number
}

func validCase(text string) bool {
	first, second, cut := strings.Cut(text, "-")
	return cut && len(first) == caseLength/2 && len(second) == caseLength/2 &&
		!strings.ContainsFunc(first+second, func(c rune) bool { return (c < 'A' || c > 'Z') && (c < '2' || c > '7') })
}

// supportLink returns where people get help, if a page may link to it.
func supportLink(address string) string {
	to, err := url.Parse(address)
	if err != nil || !isWeb(to) && to.Scheme != "mailto" && to.Scheme != "tel" {
		return ""
	}
	return address
}
