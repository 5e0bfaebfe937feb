package kratos

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"time"

	"example.com/identityd/internal/identity"
)

type keepKey struct{}

// keeping lets each person choose whether the session outlives the browser, where Kratos knows one
// answer for all (docs/ory-quirks.md#q66). The choice comes with the form of the sign-in. A cookie carries it
// over the steps that follow: a social provider, a second factor, a change of settings.
func (e *Engine) keeping(next http.Handler) http.Handler {
	if e.cfg.Session.Remember != identity.RememberOffered {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		had := identity.RememberOffered.Keeps(r)
		keep, chosen, err := choice(r)
		if err != nil {
			http.Error(w, http.StatusText(http.StatusRequestEntityTooLarge), http.StatusRequestEntityTooLarge)
			return
		}
		if !chosen {
			keep = had
		}
		r = r.WithContext(context.WithValue(r.Context(), keepKey{}, keep))
		next.ServeHTTP(&keptWriter{ResponseWriter: w, engine: e, request: r, had: had, keep: keep, chosen: chosen}, r)
	})
}

// keeps says whether the session of this request outlives the browser.
func (e *Engine) keeps(ctx context.Context) bool {
	if e.cfg.Session.Remember != identity.RememberOffered {
		return e.cfg.Session.Remember == identity.RememberAlways
	}
	keep, _ := ctx.Value(keepKey{}).(bool)
	return keep
}

// choice reads the form of a sign-in, and puts it back for Kratos.
func choice(r *http.Request) (keep, chosen bool, err error) {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if r.Method != http.MethodPost || kind != "application/x-www-form-urlencoded" {
		return false, false, nil
	}
	raw, err := io.ReadAll(io.LimitReader(r.Body, publicBody+1))
	if err != nil {
		return false, false, fmt.Errorf("reading a form: %w", err)
	}
	if len(raw) > publicBody {
		return false, false, errors.New("the form is too large")
	}
	r.Body = io.NopCloser(bytes.NewReader(raw))
	form, err := url.ParseQuery(string(raw))
	if err != nil {
		return false, false, nil //nolint:nilerr // Kratos says what is wrong with it
	}
	return form.Get(identity.KeepField) == "true", form.Has(identity.KeepOffered), nil
}

// keptWriter takes the age off the session's cookie where it is not to outlive the browser.
type keptWriter struct {
	http.ResponseWriter
	engine            *Engine
	request           *http.Request
	had, keep, chosen bool
	wrote             bool
}

// WriteHeader implements http.ResponseWriter.
func (w *keptWriter) WriteHeader(status int) {
	if !w.wrote {
		w.wrote = true
		w.settle()
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write implements io.Writer.
func (w *keptWriter) Write(b []byte) (int, error) {
	if !w.wrote {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController find what is below.
func (w *keptWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *keptWriter) settle() {
	name := w.engine.registry.Config().SessionName(w.request.Context())
	lines := w.Header()["Set-Cookie"]
	left := int(w.engine.cfg.Session.Lifespan / time.Second)
	issued := false
	for i, line := range lines {
		cookie, err := http.ParseSetCookie(line)
		if err != nil || cookie.Name != name {
			continue
		}
		if cookie.MaxAge < 0 {
			w.keep, w.chosen = false, true // signed out: the next person chooses anew
			continue
		}
		issued = true
		if w.keep {
			left = cookie.MaxAge
			continue
		}
		cookie.MaxAge, cookie.Expires = 0, time.Time{}
		lines[i] = cookie.String()
	}
	mark := http.Cookie{
		Name: identity.KeepCookie, Value: "1", Path: "/", Domain: w.engine.cfg.CookieDomain, MaxAge: left,
		HttpOnly: true, Secure: !w.engine.cfg.Dev, SameSite: http.SameSiteLaxMode,
	}
	switch {
	case w.keep && (w.chosen || issued):
	case !w.keep && w.chosen && w.had:
		mark.Value, mark.MaxAge = "", -1
	default:
		return
	}
	http.SetCookie(w.ResponseWriter, &mark)
}
