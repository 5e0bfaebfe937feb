package ui

import (
	"encoding/base64"
	"net/http"
	"net/mail"
	"slices"
	"strings"
	"time"

	"example.com/identityd/internal/identity"
)

const (
	// waitingCookie remembers the flow of this browser that waits for a code, so that the inbox can
	// lead straight into it.
	waitingCookie = "identityd_ui_waiting"
	// addressCookie remembers the address of a refused sign-in until its verification begins.
	addressCookie = "identityd_ui_address"

	waitingLimit  = time.Hour
	addressMemory = 10 * time.Minute
)

// remember keeps what the next pages need to know of this one.
func (u *UI) remember(
	w http.ResponseWriter, r *http.Request, kind identity.FlowKind, f *identity.Flow,
) {
	if kind == identity.Login && u.verifyFirst(u.printer(r), kind, f) != nil {
		if address := identifierOf(f); address != "" {
			u.setCookie(w, addressCookie,
				base64.RawURLEncoding.EncodeToString([]byte(address)), addressMemory)
		}
	}
	if u.cfg.Inbox == nil {
		return
	}
	waitingKind, id := u.waiting(r)
	switch {
	case f.State == stateSent && validID(f.ID):
		left := min(time.Until(f.ExpiresAt), waitingLimit)
		u.setCookie(w, waitingCookie, string(kind)+":"+f.ID, left)
	case f.State == statePassed && kind == waitingKind && f.ID == id:
		u.setCookie(w, waitingCookie, "", -1)
	}
}

// waiting returns the flow that waits for a code in this browser, or empty texts.
func (u *UI) waiting(r *http.Request) (kind identity.FlowKind, id string) {
	cookie, err := r.Cookie(u.cookieName(waitingCookie))
	if err != nil {
		return "", ""
	}
	before, id, _ := strings.Cut(cookie.Value, ":")
	kind = identity.FlowKind(before)
	if !validID(id) || !slices.Contains([]identity.FlowKind{
		identity.Login, identity.Registration, identity.Recovery, identity.Verification,
	}, kind) {
		return "", ""
	}
	return kind, id
}

// prefill fills in what this browser told us before. Nothing is ever submitted on its own.
func (u *UI) prefill(r *http.Request, kind identity.FlowKind, f *identity.Flow) {
	code := r.URL.Query().Get("code")
	for i := range f.UI.Nodes {
		attr := &f.UI.Nodes[i].Attributes
		if attr.Name == "code" && attr.Type == "text" && validCode(code) {
			attr.Value = code
		}
		if kind == identity.Verification && attr.Name == "email" && attr.Type == "email" &&
			valueText(attr.Value) == "" {
			attr.Value = u.rememberedAddress(r)
		}
		if attr.Name == "identifier" && attr.Type != "hidden" && valueText(attr.Value) == "" && f.LoginRequest != nil {
			attr.Value = plain(f.LoginRequest.OpenID.LoginHint, 254)
		}
	}
}

func (u *UI) rememberedAddress(r *http.Request) string {
	cookie, err := r.Cookie(u.cookieName(addressCookie))
	if err != nil {
		return ""
	}
	address, err := base64.RawURLEncoding.DecodeString(cookie.Value)
	if err != nil || !isAddress(string(address)) {
		return ""
	}
	return string(address)
}

// identifierOf returns what was typed as the sign-in name, if that is an address and Kratos kept it.
func identifierOf(f *identity.Flow) string {
	for _, node := range f.UI.Nodes {
		if node.Attributes.Name == "identifier" {
			if text := valueText(node.Attributes.Value); isAddress(text) {
				return text
			}
		}
	}
	return ""
}

func isAddress(text string) bool {
	if len(text) > 254 {
		return false
	}
	parsed, err := mail.ParseAddress(text)
	return err == nil && parsed.Address == text
}

// validCode says whether text may be put into a form as a one-time code.
func validCode(text string) bool {
	if len(text) < 6 || len(text) > 10 {
		return false
	}
	return !strings.ContainsFunc(text, func(c rune) bool { return !isWord(c) || c == '_' })
}
