package hydra

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ory/fosite"
	"github.com/ory/hydra/v2/client"

	"example.com/identityd/internal/ory"
)

// answering makes of what upstream answers, which is all of a client as an admin sees it, what RFC 7591 and 7592
// say: libraries read null and "" as values of a wrong kind, and look for what is missing (docs/ory-quirks.md#q190).
func (e *Engine) answering(w http.ResponseWriter, r *http.Request, next http.Handler) {
	held := ory.NewBuffer()
	next.ServeHTTP(held, r)
	var all map[string]json.RawMessage
	if held.Status() > http.StatusCreated || json.Unmarshal(held.Bytes(), &all) != nil {
		held.Flush(w)
		return
	}
	body, err := json.Marshal(e.registered(all, r))
	if err != nil {
		held.Flush(w)
		return
	}
	h := w.Header()
	for name, values := range held.Header() {
		h[name] = values
	}
	h.Del("Location") // an address of the admin API
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(held.Status())
	// The client may be gone; there is nobody to tell.
	_, _ = w.Write(body)
}

func (e *Engine) registered(all map[string]json.RawMessage, r *http.Request) map[string]any {
	out := map[string]any{}
	for name, value := range all {
		if slices.Contains(empty(), string(value)) || strings.HasSuffix(name, "_lifespan") || strings.HasSuffix(name, "ed_at") || slices.Contains(privileges(), name) && name != "client_secret" {
			continue
		}
		out[name] = value
	}
	delete(out, "client_secret_expires_at")
	if _, ok := out["client_secret"]; ok {
		out["client_secret_expires_at"] = 0 // never, and has to be said (RFC 7591 section 3.2.1)
	}
	var id string
	var made time.Time
	if json.Unmarshal(all["created_at"], &made) == nil && !made.IsZero() {
		out["client_id_issued_at"] = made.Unix()
	}
	if json.Unmarshal(all["client_id"], &id) == nil {
		out["registration_client_uri"] = strings.TrimRight(e.cfg.Issuer, "/") + client.DynClientsHandlerPath + "/" + id
	}
	if token := fosite.AccessTokenFromRequest(r); out["registration_access_token"] == nil && token != "" {
		out["registration_access_token"] = token // the one that let this request in
	}
	return out
}
