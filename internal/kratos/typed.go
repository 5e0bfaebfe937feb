package kratos

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"path"
	"strings"
)

// typedCookie hands what was typed into an expired form to the page of the new one
// (internal/ui/typed.go has the name too).
const (
	typedCookie  = "identityd_typed"
	typedSeconds = 300
	maxTyped     = 3000
)

// keepTyped lets nobody type twice. Kratos answers a form that was open for too long with a new flow, which
// is empty (docs/ory-quirks.md#q61): what was typed goes along in a cookie of this browser, but passwords
// and codes.
func (e *Engine) keepTyped(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/self-service/") {
			next.ServeHTTP(w, r)
			return
		}
		body, ok := peekForm(r)
		if !ok {
			next.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(&typedWriter{
			ResponseWriter: w, engine: e, flow: r.URL.Query().Get("flow"),
			kind: path.Base(r.URL.Path), body: body,
		}, r)
	})
}

// typedWriter looks at where the answer goes: to another flow than the one that was posted to means that
// that one was over.
type typedWriter struct {
	http.ResponseWriter
	engine *Engine
	flow   string
	kind   string
	body   []byte
}

// WriteHeader implements http.ResponseWriter.
func (w *typedWriter) WriteHeader(status int) {
	to, err := url.Parse(w.Header().Get("Location"))
	if err == nil && status == http.StatusSeeOther {
		flow := to.Query().Get("flow")
		if flow != "" && w.flow != "" && flow != w.flow && path.Base(to.Path) == w.kind {
			w.keep()
		}
	}
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController find what is below.
func (w *typedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *typedWriter) keep() {
	form, err := url.ParseQuery(string(w.body))
	if err != nil {
		return
	}
	typed := map[string]string{}
	for name := range form {
		if text := form.Get(name); text != "" && (name == "identifier" || name == "email" || strings.HasPrefix(name, "traits.")) {
			typed[name] = text
		}
	}
	if len(typed) == 0 {
		return
	}
	raw, err := json.Marshal(typed)
	if err != nil || len(raw) > maxTyped {
		return
	}
	http.SetCookie(w.ResponseWriter, &http.Cookie{
		Name: typedCookie, Value: base64.RawURLEncoding.EncodeToString(raw), Path: "/", Domain: w.engine.cfg.CookieDomain,
		MaxAge: typedSeconds, HttpOnly: true, Secure: strings.HasPrefix(w.engine.cfg.PublicURL, "https:"), SameSite: http.SameSiteLaxMode,
	})
}
