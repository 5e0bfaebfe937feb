package ui

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"

	"example.com/identityd/internal/identity"
)

// csrf protects our own forms (Kratos has its own for its forms). A token is an HMAC over a random
// cookie, the form's purpose and the challenge it answers, so that neither another site nor a form
// for another challenge can be passed off as this one, and no server state is needed.
type csrf struct {
	// The first signs, all are accepted.
	keys   [][]byte
	cookie string
	secure bool
}

// The purposes of forms.
const (
	purposeConsent = "consent"
	purposeLogout  = "logout"
	purposeSignOut = "account-logout"
	purposeInbox   = "inbox"
	purposeSwitch  = "account-switch"
	purposeCodes   = "recovery-codes"
)

// maxForm bounds a posted form: a challenge of Hydra's is some kilobytes, the rest is short.
const maxForm = 64 << 10

func newCSRF(keys [][]byte, secure bool) csrf {
	return csrf{keys: keys, cookie: hostCookie("identityd_ui_csrf", secure), secure: secure}
}

// token returns the token for a form, and sets the cookie when the browser has none.
func (c csrf) token(w http.ResponseWriter, r *http.Request, purpose, challenge string) string {
	return sign(c.keys[0], c.ensure(w, r), purpose, challenge)
}

// ensure returns the secret of this browser, and gives it one when it has none.
func (c csrf) ensure(w http.ResponseWriter, r *http.Request) string {
	value, ok := c.value(r)
	if ok {
		return value
	}
	random := make([]byte, 32)
	_, _ = rand.Read(random) // never fails: crypto/rand ends the process instead
	cookie := &http.Cookie{
		Name: c.cookie, Value: base64.RawURLEncoding.EncodeToString(random), Path: "/",
		HttpOnly: true, Secure: c.secure, SameSite: http.SameSiteLaxMode,
	}
	http.SetCookie(w, cookie)
	// Whoever asks next for this answer gets the same.
	r.Header["Cookie"] = append([]string{cookie.Name + "=" + cookie.Value}, r.Header["Cookie"]...)
	return cookie.Value
}

// check reads the posted form and refuses it unless it comes from our own page in this browser.
func (c csrf) check(w http.ResponseWriter, r *http.Request, purpose, challengeField string) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return &identity.Error{
			Code: identity.BadRequest, Message: "The form could not be read.", Err: err,
		}
	}
	// Browsers that say where a request comes from are believed: it is a second lock.
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" {
		return refused()
	}
	challenge := ""
	if challengeField != "" {
		challenge = r.PostForm.Get(challengeField)
	}
	value, ok := c.value(r)
	got := r.PostForm.Get("csrf_token")
	for _, key := range c.keys {
		want := sign(key, value, purpose, challenge)
		if ok && subtle.ConstantTimeCompare([]byte(got), []byte(want)) == 1 {
			return nil
		}
	}
	return refused()
}

func refused() error {
	return &identity.Error{
		Code: identity.Forbidden,
		Message: "This form did not come from a page that we showed in this browser, " +
			"so we did nothing.",
	}
}

func (c csrf) value(r *http.Request) (string, bool) {
	cookie, err := r.Cookie(c.cookie)
	if err != nil {
		return "", false
	}
	random, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	return cookie.Value, err == nil && len(random) == 32
}

func sign(key []byte, value, purpose, challenge string) string {
	mac := hmac.New(sha256.New, key)
	for _, part := range []string{value, purpose, challenge} {
		mac.Write([]byte(part))
		// A separator that no part can hold keeps the parts apart.
		mac.Write([]byte{0})
	}
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
