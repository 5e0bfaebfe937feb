package adminguard

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
)

// Config is what a guard works with.
type Config struct {
	// Listener names what is guarded, in the log.
	Listener string
	Log      *slog.Logger
	// Hosts are the names that requests may ask for, beside those of this machine's loopback; a name
	// without a port admits every port.
	Hosts []string
	// Socket listeners are reached by no browser, so that the name asked for says nothing.
	Socket bool
	// Tokens is who may ask; nil asks nobody for a token.
	Tokens *Tokens
	// Anonymous is what those are called who need no token; nil calls them anybody.
	Anonymous func(*http.Request) string
	// Certified listeners verified a client certificate in the handshake: that is proof enough.
	Certified bool
	// Form reports whether the body of a request is to be a form (RFC 7662 section 2.1); nil means none.
	Form func(*http.Request) bool
	// OAuth2 refuses in the form of Hydra's errors, not of Kratos'.
	OAuth2 bool
	// Need returns the scope that a request takes.
	Need func(*http.Request) Scope
	// Note puts a change on record before it is let through: an error keeps it out. What it returns is told
	// the status of the answer. nil puts nothing on record.
	Note func(r *http.Request, c Change) (ended func(status int), err error)
	// Turned is told of what was turned away; nil is allowed.
	Turned func(r *http.Request, by string, status int)
	// RequestID returns the id under which a request is logged.
	RequestID func(*http.Request) string
}

// Change is a request that changes something.
type Change struct {
	// By is the name of the token that it came with.
	By string
	// Method and Path are those of the request; Path is fit for the log.
	Method, Path string
}

// Middleware answers what must not pass: 421, 403, 401 or 415, and 503 for a change that cannot be put on
// record, and writes a line for each change that did. Health paths are exempt: probes send the address of a pod as their host, and learn nothing.
func Middleware(cfg Config) func(http.Handler) http.Handler {
	hosts := newHosts(cfg.Hosts)
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if isHealth(r) {
				next.ServeHTTP(w, r)
				return
			}
			refuse := func(w http.ResponseWriter, by string, status int, reason string) {
				if cfg.Turned != nil {
					cfg.Turned(r, by, status)
				}
				cfg.refuse(w, status, reason)
			}
			if !cfg.Socket && !hosts.admit(r.Host) {
				refuse(w, "", http.StatusMisdirectedRequest, "This host name is not served here. "+
					"Use a loopback address, or add the name to admin.hosts.")
				return
			}
			if crossSite(r) {
				refuse(w, "", http.StatusForbidden, "Requests from web pages are not taken here.")
				return
			}
			who, ok := cfg.who(r)
			if !ok {
				w.Header().Set("WWW-Authenticate", `Bearer realm="identityd admin"`)
				refuse(w, "", http.StatusUnauthorized, "A token is needed: Authorization: Bearer ..., "+
					"one of those in admin.token_file.")
				return
			}
			need := cfg.Need(r)
			if !who.may(need) {
				refuse(w, who.Name, http.StatusForbidden, "The token has no scope "+string(need)+".")
				return
			}
			if reason := cfg.body(r); reason != "" {
				refuse(w, who.Name, http.StatusUnsupportedMediaType, reason)
				return
			}
			if need == Read || !changes(r) { // introspection is a POST and changes nothing
				next.ServeHTTP(w, r)
				return
			}
			ended := func(int) {}
			if cfg.Note != nil {
				var err error
				ended, err = cfg.Note(r, Change{By: who.Name, Method: r.Method, Path: loggable(r.URL.Path)})
				if err != nil {
					cfg.Log.ErrorContext(r.Context(), "admin change refused", "listener", cfg.Listener, "by", who.Name,
						"method", r.Method, "path", loggable(r.URL.Path), "request_id", cfg.RequestID(r), "err", err)
					w.Header().Set("Retry-After", "5")
					refuse(w, who.Name, http.StatusServiceUnavailable, "The audit trail cannot be written, and no change is made "+
						"without it. Nothing was changed; try again when the database takes writes.")
					return
				}
			}
			seen := &statusWriter{ResponseWriter: w}
			// Deferred: a change that ends in a panic may have been made.
			status := 0
			defer func() { ended(status) }()
			next.ServeHTTP(seen, r)
			status = seen.code()
			cfg.Log.InfoContext(r.Context(), "admin change", "listener", cfg.Listener, "by", who.Name,
				"method", r.Method, "path", loggable(r.URL.Path), "status", seen.code(),
				"request_id", cfg.RequestID(r))
		})
	}
}

// who says who asks, and whether that is proved.
func (c Config) who(r *http.Request) (Holder, bool) {
	if c.Certified && r.TLS != nil && len(r.TLS.VerifiedChains) > 0 {
		return Holder{Name: "certificate " + loggable(r.TLS.PeerCertificates[0].Subject.CommonName), Scopes: []Scope{All}}, true
	}
	if c.Tokens == nil {
		name := "anybody"
		if c.Anonymous != nil {
			name = loggable(c.Anonymous(r))
		}
		return Holder{Name: name, Scopes: []Scope{All}}, !c.Certified
	}
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return Holder{}, false
	}
	return c.Tokens.find(strings.TrimSpace(token))
}

// crossSite reports whether a page of some site made the browser send this. Programs send neither header.
func crossSite(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	return len(r.Header.Values("Origin")) > 0 || site != "" && site != "none"
}

// body says what is wrong with the type of a body. A page of another site can send forms and plain
// text without the browser asking first, JSON it cannot.
func (c Config) body(r *http.Request) string {
	if r.ContentLength == 0 || r.Body == nil || r.Body == http.NoBody {
		return ""
	}
	kinds := r.Header.Values("Content-Type")
	if len(kinds) > 1 {
		return "There is more than one Content-Type."
	}
	kind, _, _ := strings.Cut(strings.Join(kinds, ""), ";")
	kind = strings.ToLower(strings.TrimSpace(kind))
	if c.Form != nil && c.Form(r) {
		if kind != "application/x-www-form-urlencoded" {
			return "The body has to be a form (Content-Type: application/x-www-form-urlencoded)."
		}
		return ""
	}
	if kind == "application/json" || strings.HasPrefix(kind, "application/") && strings.HasSuffix(kind, "+json") {
		return ""
	}
	return "The body has to be JSON (Content-Type: application/json)."
}

func changes(r *http.Request) bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions:
		return false
	}
	return true
}

func isHealth(r *http.Request) bool {
	if changes(r) {
		return false
	}
	switch strings.TrimPrefix(r.URL.Path, "/admin") {
	case "/health/alive", "/health/ready":
		return true
	}
	return false
}

type refusal struct {
	Error refusalDetail `json:"error"`
}

type refusalDetail struct {
	// ID is the code of the failure, which whoever stands in front knows when the status is written.
	ID      string `json:"id,omitempty"`
	Code    int    `json:"code"`
	Status  string `json:"status"`
	Reason  string `json:"reason"`
	Message string `json:"message"`
	Request string `json:"request,omitempty"`
}

type oauth2Refusal struct {
	Error       string `json:"error"`
	Description string `json:"error_description"`
	Code        int    `json:"status_code"`
}

// refuse answers in the form of the engine behind, which its clients read.
func (c Config) refuse(w http.ResponseWriter, code int, reason string) {
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(code)
	var answer any = refusal{refusalDetail{
		ID: h.Get("X-Error-Code"), Code: code, Status: http.StatusText(code), Reason: reason, Message: reason, Request: h.Get("X-Request-Id"),
	}}
	if c.OAuth2 {
		answer = oauth2Refusal{Error: strings.ReplaceAll(strings.ToLower(http.StatusText(code)), " ", "_"), Description: reason, Code: code}
	}
	// The client may be gone; there is nobody to tell.
	_ = json.NewEncoder(w).Encode(answer)
}
