package kratos

import (
	"context"
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
		keep, chosen := choice(r)
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

// choice reads the form of a sign-in. What is wrong with it is for Kratos to say.
func choice(r *http.Request) (keep, chosen bool) {
	body, ok := peekForm(r)
	if !ok {
		return false, false
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return false, false
	}
	return form.Get(identity.KeepField) == "true", form.Has(identity.KeepOffered)
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
