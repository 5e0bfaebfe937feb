package kratos

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/ory/kratos/selfservice/flow/recovery"
	"github.com/ory/kratos/selfservice/flow/verification"
)

// confirmLinks sends the links of mails to a page with one button, whose form comes back here. Kratos would
// use a link up at the first GET, and mail scanners and previews follow links: a recovery would be theirs,
// and the person's link dead. Codes are only filled in by Kratos.
func (e *Engine) confirmLinks(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		link := r.URL.Path == recovery.RouteSubmitFlow || r.URL.Path == verification.RouteSubmitFlow
		token := r.URL.Query().Get("token")
		if !link || token == "" || r.Method != http.MethodGet && r.Method != http.MethodHead {
			next.ServeHTTP(w, r)
			return
		}
		to := e.cfg.Pages.Confirm + "?" + url.Values{
			"kind": {strings.TrimPrefix(r.URL.Path, "/self-service/")}, "flow": {r.URL.Query().Get("flow")}, "token": {token},
		}.Encode()
		http.Redirect(w, r, to, http.StatusSeeOther)
	})
}
