package forwardauth

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"example.com/identityd/internal/identity"
)

// Config is what New needs.
type Config struct {
	Log   *slog.Logger
	Rules Rules
	// Pages is the address of the pages, where people sign in.
	Pages string
	// Enroll is the page that sets up a second step.
	Enroll string
	// Session returns who is signed in by the cookies of a browser, NoSession or AALRequired. It is asked once for
	// each request, and nothing is remembered: whoever loses access loses it with the next request.
	Session func(ctx context.Context, cookies string) (*identity.Session, error)
	// Claims are those that an application may be told of a person.
	Claims func(identity.Identity) map[string]any
	// Verified lets nobody in without a verified address, Second nobody without a second step.
	Verified, Second bool
	// HasSecond says whether a person has a second step to be asked for.
	HasSecond func(ctx context.Context, id string) (bool, error)
	// Refuse shows somebody a page that says why they are not let in.
	Refuse func(w http.ResponseWriter, r *http.Request, why Refusal)
	// Told is told by a word why somebody is not let in, before the answer: untrusted, no_rule, not_in_group,
	// second_step or unverified; and by a sentence of what the rules and the request name, for those who run it, or
	// by "". Nil is allowed.
	Told func(ctx context.Context, word, sentence string)
}

// Refusal is what somebody is told who is signed in.
type Refusal struct {
	Reason Reason
	// Account is how they are called.
	Account string
	// Other is where another account is chosen, and Mend where it can be mended, unless that is empty.
	Other, Mend string
	// lets says who is let in, for those who run it.
	lets string
}

// Reason is why somebody is not let in.
type Reason int

// The reasons.
const (
	// NotIn a group that may.
	NotIn Reason = iota
	// NoSecond step is set up.
	NoSecond
	// Unverified address.
	Unverified
)

// Handler answers proxies.
type Handler struct {
	cfg  Config
	told sync.Map
}

// New returns a Handler.
func New(cfg Config) *Handler { return &Handler{cfg: cfg} }

// ServeHTTP implements http.Handler.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "a proxy asks by GET", http.StatusMethodNotAllowed)
		return
	}
	a, ok := From(r.Context())
	if !ok {
		h.warn(r, "untrusted", "forward-auth was asked by nobody that proxy.trusted names, or without saying of what")
		h.tell(r, "untrusted", "")
		http.Error(w, "not asked by a proxy that is trusted here", http.StatusForbidden)
		return
	}
	rules, ok := h.cfg.Rules.deciding(a)
	if !ok {
		if !h.cfg.Rules.known(a.Host) {
			h.warn(r, a.Host, "forward-auth was asked for a host that protect does not have", slog.String("host", a.Host))
		}
		h.tell(r, "no_rule", "the host is "+a.Host)
		http.Error(w, "Forbidden: nobody is let in at this address, because no rule says who may open it.", http.StatusForbidden)
		return
	}
	session, err := h.cfg.Session(r.Context(), strings.Join(r.Header.Values("Cookie"), "; "))
	public := !slices.ContainsFunc(rules, func(rule Rule) bool { return !rule.Public })
	switch {
	case err == nil:
		h.judge(w, r, a, rules, session)
	case public && (isCode(err, identity.NoSession) || isCode(err, identity.AALRequired)):
		person{}.tell(w.Header())
		w.WriteHeader(http.StatusOK)
	case isCode(err, identity.NoSession):
		h.signIn(w, r, a, "")
	case isCode(err, identity.AALRequired):
		h.signIn(w, r, a, "aal2")
	default:
		h.cfg.Log.ErrorContext(r.Context(), "forward-auth failed", "err", err)
		http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
	}
}

// judge lets somebody in who is signed in, or says why not.
func (h *Handler) judge(w http.ResponseWriter, r *http.Request, a Asked, rules []Rule, session *identity.Session) {
	who := personOf(session.Identity.ID, h.cfg.Claims(session.Identity))
	restricted, second := false, false
	for _, rule := range rules {
		restricted = restricted || !rule.Public
		second = second || rule.Second || h.cfg.Second && !rule.Public
	}
	why := Refusal{Account: account(session.Identity), Other: h.cfg.Pages + "/login?" + url.Values{"return_to": {a.URL()}}.Encode()}
	closed := slices.IndexFunc(rules, func(rule Rule) bool { return !who.in(rule.Groups) })
	switch {
	case restricted && h.cfg.Verified && !session.Identity.Verified():
		why.Reason, why.Mend = Unverified, h.cfg.Pages+"/verification"
		h.refuse(w, r, a, why)
	case second && session.AAL != "aal2":
		h.step(w, r, a, session, why)
	case closed >= 0:
		why.lets = a.Host + " is for the groups " + strings.Join(rules[closed].Groups, ", ")
		h.refuse(w, r, a, why)
	default:
		who.tell(w.Header())
		w.WriteHeader(http.StatusOK)
	}
}

func (p person) in(groups []string) bool {
	return len(groups) == 0 || slices.ContainsFunc(p.groups, func(g string) bool { return slices.Contains(groups, g) })
}

// step asks for the second step, or leads to where one is set up.
func (h *Handler) step(w http.ResponseWriter, r *http.Request, a Asked, session *identity.Session, why Refusal) {
	has, err := h.cfg.HasSecond(r.Context(), session.Identity.ID)
	switch {
	case err != nil:
		h.cfg.Log.ErrorContext(r.Context(), "forward-auth failed", "err", err)
		http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
	case has:
		h.signIn(w, r, a, "aal2")
	default:
		why.Reason, why.Mend = NoSecond, h.cfg.Enroll
		h.refuse(w, r, a, why)
	}
}

// signIn sends a page to where people sign in, and tells everything else that it has to.
func (h *Handler) signIn(w http.ResponseWriter, r *http.Request, a Asked, level string) {
	query := url.Values{"return_to": {a.URL()}}
	if level != "" {
		query.Set("aal", level)
	}
	to := h.cfg.Pages + "/login?" + query.Encode()
	page := navigates(r, a)
	if page {
		w.Header().Set("Location", to)
	}
	if page && !a.Status {
		w.WriteHeader(http.StatusFound)
		return
	}
	// No scheme of HTTP's own says "by the session of a browser".
	w.Header().Set("WWW-Authenticate", `Session realm="`+a.Host+`", login="`+h.cfg.Pages+`/login"`)
	answer(w, http.StatusUnauthorized, "login_required", "Nobody is signed in, or a second step is missing.")
}

func (h *Handler) tell(r *http.Request, word, sentence string) {
	if h.cfg.Told != nil {
		h.cfg.Told(r.Context(), word, sentence)
	}
}

func (h *Handler) refuse(w http.ResponseWriter, r *http.Request, a Asked, why Refusal) {
	h.tell(r, map[Reason]string{NotIn: "not_in_group", NoSecond: "second_step", Unverified: "unverified"}[why.Reason], why.lets)
	if navigates(r, a) && !a.Status {
		h.cfg.Refuse(w, r, why)
		return
	}
	said := map[Reason]string{NotIn: "forbidden", NoSecond: "second_step_required", Unverified: "verified_address_required"}
	answer(w, http.StatusForbidden, said[why.Reason], "The account may not open this.")
}

// answer is for programs.
func answer(w http.ResponseWriter, status int, code, text string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": code, "error_description": text}) // nobody to tell
}

// navigates says whether a person is on the way to a page, who can be sent to another one and shown it.
func navigates(r *http.Request, a Asked) bool {
	if a.Method != http.MethodGet && a.Method != http.MethodHead {
		return false
	}
	if mode := r.Header.Get("Sec-Fetch-Mode"); mode != "" && mode != "navigate" {
		return false
	}
	if dest := r.Header.Get("Sec-Fetch-Dest"); dest != "" && dest != "document" {
		return false // what is in a frame cannot sign in there
	}
	return strings.Contains(r.Header.Get("Accept"), "text/html") && r.Header.Get("X-Requested-With") == "" && r.Header.Get("Upgrade") == ""
}

// warn says once of each thing what the operator has to see to.
func (h *Handler) warn(r *http.Request, what, text string, attrs ...any) {
	const most = 100
	n := 0
	h.told.Range(func(any, any) bool { n++; return n < most })
	if n >= most {
		return
	}
	if _, before := h.told.LoadOrStore(what, true); !before {
		h.cfg.Log.WarnContext(r.Context(), text, attrs...) //nolint:sloglint // constant at each call
	}
}

// account is how a person is called on a page.
func account(p identity.Identity) string {
	for _, trait := range []string{"email", "username"} {
		if text, ok := p.Traits[trait].(string); ok && text != "" {
			return text
		}
	}
	return p.ID
}

func isCode(err error, code identity.Code) bool {
	var known *identity.Error
	return errors.As(err, &known) && known.Code == code
}
