package kratos

import (
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/url"

	"github.com/ory/kratos/selfservice/flow/settings"
)

// Noted is something that happened and that the engine does not tell by itself. Details are words of ours.
type Noted struct {
	Kind, Subject, Session string
	Details                map[string]string
}

// changed is the kind by which a form of settings says what it asks for (internal/audit/seen.go).
const changed = "Changed"

// noteChanges tells what a form of settings asks for. Kratos says afterwards by which method something was
// changed, not whether a factor was added or removed.
func (e *Engine) noteChanges(next http.Handler) http.Handler {
	if e.cfg.Note == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && r.URL.Path == settings.RouteSubmitFlow {
			if kind, what := change(posted(r)); kind != "" {
				e.cfg.Note(r.Context(), Noted{Kind: changed, Details: map[string]string{"kind": kind, "what": what}})
			}
		}
		next.ServeHTTP(w, r)
	})
}

// change says what the fields of a form of settings ask for.
func change(fields map[string]string) (kind, what string) {
	for _, row := range [...]struct{ field, kind, what string }{
		{"totp_unlink", "FactorRemoved", "totp"},
		{"lookup_secret_disable", "FactorRemoved", "lookup_secret"},
		{"webauthn_remove", "FactorRemoved", "webauthn"},
		{"passkey_remove", "FactorRemoved", "passkey"},
		{"totp_code", "FactorAdded", "totp"},
		{"lookup_secret_confirm", "FactorAdded", "lookup_secret"},
		{"webauthn_register", "FactorAdded", "webauthn"},
		{"passkey_settings_register", "FactorAdded", "passkey"},
	} {
		if v := fields[row.field]; v != "" && v != "false" {
			return row.kind, row.what
		}
	}
	switch {
	case fields["unlink"] != "":
		return "ProviderUnlinked", ""
	case fields["link"] != "":
		return "ProviderLinked", ""
	case fields["method"] == "password":
		return "PasswordChanged", ""
	case fields["method"] == "profile":
		return "ProfileChanged", ""
	}
	return "", ""
}

// posted returns the fields of a form or of a JSON object, and leaves the body to be read again.
func posted(r *http.Request) map[string]string {
	out := map[string]string{}
	if body, ok := peekForm(r); ok {
		form, err := url.ParseQuery(string(body))
		if err != nil {
			return out // Kratos says what is wrong with it
		}
		for name := range form {
			out[name] = form.Get(name)
		}
		return out
	}
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind != "application/json" {
		return out
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(body), r.Body))
		return out
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	var object map[string]json.RawMessage
	if json.Unmarshal(body, &object) != nil {
		return out
	}
	for name, raw := range object {
		if text := string(bytes.Trim(raw, `"`)); text != "null" {
			out[name] = text
		}
	}
	return out
}
