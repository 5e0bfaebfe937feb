package supervisor

import (
	"encoding/json"
	"net/http"
)

type statusBody struct {
	Status string `json:"status"`
}

type problemsBody struct {
	Errors map[string]string `json:"errors"`
}

// Alive answers 200 for as long as the process can answer at all.
func (r *Readiness) Alive() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, statusBody{Status: "ok"})
	})
}

// Handler answers 200 when ready, else 503 with what is missing. The bodies are those of Ory's
// health endpoints, which existing probes and dashboards know.
func (r *Readiness) Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		problems := r.Status(req.Context())
		if len(problems) == 0 {
			writeJSON(w, http.StatusOK, statusBody{Status: "ok"})
			return
		}
		w.Header().Set("Retry-After", "1")
		writeJSON(w, http.StatusServiceUnavailable, problemsBody{Errors: problems})
	})
}

// writeJSON forbids caching: a stored "ok" would keep traffic on a process that is going away.
func writeJSON(w http.ResponseWriter, code int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(code)
	// The client may be gone; there is nobody to tell.
	_ = json.NewEncoder(w).Encode(body)
}
