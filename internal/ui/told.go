package ui

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"example.com/identityd/internal/identity"
)

// tell hands on what helps to explain a request to who runs this.
func (u *UI) tell(r *http.Request, t identity.Told) {
	if u.cfg.Told != nil {
		u.cfg.Told(r.Context(), t)
	}
}

// tellError hands on why a page could not be shown. The message is one of ours, never what somebody typed.
func (u *UI) tellError(r *http.Request, err error) {
	var known *identity.Error
	if errors.As(err, &known) {
		u.tell(r, identity.Told{Cause: "page:" + string(known.Code), Reason: known.Message})
	}
}

// tellStored hands on a failure that Kratos stored for the error page.
func (u *UI) tellStored(r *http.Request, stored *identity.FlowError) {
	kind := stored.Kind
	if kind == "" {
		kind = "error_" + strconv.Itoa(stored.Status)
	}
	u.tell(r, identity.Told{Cause: kratosWord + kind, Reason: stored.Reason})
}

// kratosWord is in front of what Kratos calls an error, and of the numbers of its messages.
const kratosWord = "kratos:"

// tellMessages hands on which errors a flow shows, by their numbers.
func (u *UI) tellMessages(r *http.Request, f *identity.Flow) {
	if u.cfg.Told == nil {
		return
	}
	each := func(list []identity.Message) {
		for _, m := range list {
			if m.Type == "error" {
				u.tell(r, identity.Told{Cause: kratosWord + strconv.FormatInt(m.ID, 10)})
			}
		}
	}
	each(f.UI.Messages)
	for _, n := range f.UI.Nodes {
		each(n.Messages)
	}
	if f.LoginRequest != nil {
		u.tell(r, identity.Told{Client: f.LoginRequest.Client.ID})
	}
}

// showsError reports whether a flow shows an error: who asks for help quotes the request.
func showsError(f *identity.Flow) bool {
	wrong := func(m identity.Message) bool { return m.Type == "error" }
	return slices.ContainsFunc(f.UI.Messages, wrong) ||
		slices.ContainsFunc(f.UI.Nodes, func(n identity.Node) bool { return slices.ContainsFunc(n.Messages, wrong) })
}

// isCodeWord reports whether a word has the form of an error code: the address of the error page is anybody's.
func isCodeWord(code string) bool {
	if len(code) > 40 {
		return false
	}
	for _, c := range code {
		if c != '_' && (c < 'a' || c > 'z') {
			return false
		}
	}
	return code != ""
}
