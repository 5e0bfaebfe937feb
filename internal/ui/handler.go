package ui

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"example.com/identityd/internal/identity"
)

// handler answers a request or says why it cannot; serve turns the reason into a page.
type handler func(w http.ResponseWriter, r *http.Request) error

func (u *UI) serve(handle handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		u.setHeaders(w)
		err := handle(w, r)
		if err == nil {
			return
		}
		p := u.beginAgain(r, problemOf(u.printer(r), err), err)
		u.log(r, p, err)
		u.tellError(r, err)
		if errors.Is(r.Context().Err(), context.Canceled) {
			return // the browser has gone
		}
		u.fail(w, r, p)
	}
}

// fail answers with the error page; when that cannot be rendered, with one that says less, or else with the
// one prepared at start.
func (u *UI) fail(w http.ResponseWriter, r *http.Request, p problem) {
	if p.status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "5")
	}
	say := u.printer(r)
	page := u.errorPage(say, p, u.foot(r, p.status))
	page.Here = here(r)
	page.Onward = u.onward(r)
	if err := render(w, p.status, u.pages.Error, page); err != nil {
		u.cfg.Log.ErrorContext(r.Context(), "error page not rendered", "err", err)
		body, err := u.renderBroken(say)
		if err != nil {
			body = u.broken
		}
		send(w, http.StatusInternalServerError, body)
	}
}

func (u *UI) log(r *http.Request, p problem, err error) {
	ctx := r.Context()
	id, text := u.cfg.RequestID(ctx), redact(err.Error(), r)
	switch {
	case p.status == http.StatusServiceUnavailable:
		u.cfg.Log.WarnContext(ctx, "page not available",
			"path", r.URL.Path, "request_id", id, "err", text)
	case p.status >= http.StatusInternalServerError:
		u.cfg.Log.ErrorContext(ctx, "page failed",
			"path", r.URL.Path, "request_id", id, "err", text)
	default:
		u.cfg.Log.DebugContext(ctx, "page refused",
			"path", r.URL.Path, "request_id", id, "err", text)
	}
}

// redact takes what the browser sent out of an error text: the address of a failed call carries the
// challenge or the flow id, and those are as good as a session.
func redact(text string, r *http.Request) string {
	for _, values := range []url.Values{r.URL.Query(), r.PostForm} {
		for _, list := range values {
			for _, value := range list {
				if len(value) < 8 {
					continue
				}
				text = strings.ReplaceAll(text, value, "[redacted]")
				text = strings.ReplaceAll(text, url.QueryEscape(value), "[redacted]")
			}
		}
	}
	return text
}

// redirect sends the browser to an address that was made or checked by us.
func redirect(w http.ResponseWriter, to string) error {
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusSeeOther)
	return nil
}

// cookies returns the Cookie header as Kratos has to see it. HTTP/2 may split it into several.
func cookies(r *http.Request) string { return strings.Join(r.Header.Values("Cookie"), "; ") }

// to returns an address of a page of ours.
func (u *UI) to(path string, query url.Values) string {
	address := u.at.ui.String() + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	return address
}

func isCode(err error, code identity.Code) bool {
	var known *identity.Error
	return errors.As(err, &known) && known.Code == code
}
