package stack

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"example.com/identityd/internal/gateway"
	"example.com/identityd/internal/middleware"
	"example.com/identityd/internal/sqlseam"
	"example.com/identityd/internal/tracing"
	"example.com/identityd/internal/why"
)

// traced is what a visit has where tracing is on.
type traced struct {
	*tracing.Request
	stack    *Stack
	listener string
	method   string
	route    string
	id       string
	begins   bool // a sign-in, as far as the request tells
	secure   bool
	record   *sqlseam.Record
	finished bool
}

// beginTrace opens the trace of a request. What machines ask all day has none.
func (s *Stack) beginTrace(v *visit, listener string, r *http.Request) context.Context {
	if middleware.Routine(r.URL.Path) {
		return r.Context()
	}
	t := &traced{
		stack: s, listener: listener, method: tracing.Method(r), route: s.traces.Route(r),
		id: middleware.RequestIDFrom(r.Context()), secure: s.secure(listener),
	}
	caller, story := tracing.Stranger, tracing.Story{}
	switch listener {
	case "hydra_admin", "kratos_admin", controlName:
		caller = tracing.Trusted
	case "gateway", "ui", "hydra_public", "kratos_public":
		story = s.stories.Load().Of(r, t.secure)
		if t.begins = beginsSignIn(r, story.Is()); t.begins {
			story = tracing.Story{}
		}
	}
	ctx, q := s.traces.Begin(r, caller, trace.SpanKindServer, story)
	if q == nil { // it was turned off meanwhile
		return ctx
	}
	t.Request = q
	if t.begins {
		q.Tell()
	}
	v.traced = t
	return ctx
}

// beginsSignIn reports whether a browser begins to sign in, or comes back to a step without being in the middle
// of it. Programs begin none: they keep no cookies, and Kratos refuses those that do (docs/ory-quirks.md#q226).
func beginsSignIn(r *http.Request, inside bool) bool {
	if !middleware.PrefersHTML(r) {
		return false
	}
	query := r.URL.Query()
	switch path := gateway.Clean(r.URL.Path); path {
	case "/oauth2/auth":
		return !query.Has("login_verifier") && !query.Has("consent_verifier")
	case "/login", "/registration", "/recovery", "/verification", "/invitation", "/consent":
		return !inside
	default:
		return !inside && strings.HasPrefix(path, "/self-service/") && strings.HasSuffix(path, "/browser") &&
			!strings.Contains(path, "/logout/") && !strings.Contains(path, "/settings/")
	}
}

// answers has the browser remember the sign-in, or forget it where it ends.
func (t *traced) answers(v *visit, status int) {
	story := t.Story()
	switch {
	case !story.Is() || t.listener != "gateway" && t.listener != "ui" && t.listener != "hydra_public" && t.listener != "kratos_public":
	case endsSignIn(t, v, status):
		if !t.begins {
			t.stack.stories.Load().Set(v.Header(), tracing.Story{}, t.secure)
		}
	case t.begins:
		t.stack.stories.Load().Set(v.Header(), story, t.secure)
	}
}

// endsSignIn reports whether a browser leaves for its application, or arrives at the pages of its account.
func endsSignIn(t *traced, v *visit, status int) bool {
	if status == http.StatusOK {
		if t.route == "/oauth2/auth" { // a form that carries the answer to the application (form_post)
			return true
		}
		return v.part == gateway.Pages && (t.route == "/" || t.route == "/account/" || t.route == "/account")
	}
	if status < http.StatusMultipleChoices || status >= http.StatusBadRequest {
		return false
	}
	to, err := url.Parse(v.Header().Get("Location"))
	if err != nil || to.Host == "" || t.stack.isOwn(to) {
		return false
	}
	has := func(query url.Values) bool {
		return query.Has("code") || query.Has("error") || query.Has("id_token") || query.Has("access_token")
	}
	if has(to.Query()) {
		return true
	}
	fragment, err := url.ParseQuery(to.Fragment)
	return err == nil && has(fragment)
}

func (s *Stack) isOwn(to *url.URL) bool {
	for _, base := range []string{s.urls.UI, s.urls.Hydra, s.urls.Kratos} {
		if u, err := url.Parse(base); err == nil && u.Host == to.Host {
			return true
		}
	}
	return false
}

// failed reports whether somebody may want to know why a request ended as it did, and fault whether it was ours.
func (t *traced) failed(v *visit) (failed, fault bool) {
	fault = v.status >= http.StatusInternalServerError || !t.finished && v.status == 0 || t.record.Failure() != nil
	if fault {
		return true, true
	}
	if v.status == http.StatusUnauthorized && t.route == "/sessions/whoami" {
		return false, false // how applications ask whether somebody is signed in
	}
	return v.told.wrong(), false
}

// known reports whether the answer shows that the caller proved who they are: applications get tokens for their
// credentials alone. A revocation shows nothing: of a token that does not exist it is 200 to whoever knows the id of an
// application without a secret.
func (t *traced) known(v *visit) bool {
	return v.status == http.StatusOK && t.method == http.MethodPost && t.route == "/oauth2/token"
}

func (t *traced) finish() {
	if t != nil {
		t.finished = true
	}
}

// attrs are those of the access line.
func (t *traced) attrs(v *visit, to []slog.Attr) []slog.Attr {
	if t == nil {
		return to
	}
	t.finished = true // the line is written at the end
	failed, _ := t.failed(v)
	to = append(to, slog.String(why.TraceKey, t.TraceID()))
	if story := t.Story(); story.Is() {
		to = append(to, slog.String(why.StoryKey, story.ID()))
	}
	return append(to, slog.Bool("traced", t.Sends(failed, t.known(v))))
}

// endTrace says what became of the request, in its span.
func (s *Stack) endTrace(v *visit) {
	t := v.traced
	failed, fault := t.failed(v)
	v.told.mu.Lock()
	client, reason, code := v.told.client, v.told.reason, v.told.code
	flows, causes := strings.Join(v.told.flows, " "), strings.Join(v.told.causes, " ")
	v.told.mu.Unlock()
	attrs := append(make([]attribute.KeyValue, 0, 15),
		attribute.String("http.request.method", t.method), attribute.String("http.route", t.route),
		attribute.String("identityd.request_id", t.id), attribute.String("identityd.listener", t.listener),
		attribute.Int("identityd.sql_statements", t.record.Statements()))
	if v.status > 0 {
		attrs = append(attrs, attribute.Int("http.response.status_code", v.status))
	}
	for name, value := range map[string]string{
		"identityd.part": string(v.part), "identityd.client_id": client, "identityd.reason": reason, "identityd.steps": flows, "identityd.cause": causes,
		"identityd.error_code": code,
	} {
		if value != "" {
			attrs = append(attrs, attribute.String(name, value))
		}
	}
	switch err := t.record.Failure(); {
	case err != nil:
		attrs = append(attrs, attribute.String("error.type", "database"))
	case fault && v.status == 0:
		attrs = append(attrs, attribute.String("error.type", "aborted"))
	case fault:
		attrs = append(attrs, attribute.String("error.type", strconv.Itoa(v.status)))
	}
	t.End(tracing.Outcome{Name: t.method + " " + t.route, Failed: failed, Fault: fault, Known: t.known(v), Attrs: attrs})
}

// wrong reports whether somebody said what went wrong.
func (t *telling) wrong() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.causes) > 0
}

// traceName is that of a request at an engine's door.
func (s *Stack) traceName(r *http.Request) string { return tracing.Method(r) + " " + s.traces.Route(r) }

// traceStatement adds what was sent to a database.
func (s *Stack) traceStatement(ctx context.Context, of sqlseam.Statement, began time.Time, err error) {
	if err != nil && sqlseam.Classify(err) == sqlseam.Answer && !errors.Is(err, context.Canceled) {
		var state interface{ SQLState() string }
		if !errors.As(err, &state) {
			err = nil // such as the end of the rows
		}
	}
	s.traces.Statement(ctx, tracing.Statement{
		System: s.sqlSystem, Database: of.Database, Query: of.Query, Began: began, Err: err,
		Conflict: err != nil && sqlseam.Classify(err) == sqlseam.Retryable,
	})
}

// tracePage serves a page in a span of its own: under one origin a request may pass several.
func (s *Stack) tracePage(w http.ResponseWriter, r *http.Request, next http.Handler) {
	span := s.traces.Open(r.Context(), "ui "+s.traceName(r))
	if span == nil {
		next.ServeHTTP(w, r)
		return
	}
	defer span.End()
	seen := &answered{ResponseWriter: w, status: http.StatusOK}
	next.ServeHTTP(seen, r.WithContext(trace.ContextWithSpan(r.Context(), span)))
	span.SetAttributes(attribute.Int("http.response.status_code", seen.status))
}

// answered remembers the status of an answer.
type answered struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (a *answered) WriteHeader(status int) {
	if status >= http.StatusOK {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

// Unwrap serves http.ResponseController.
func (a *answered) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// storyFor and joinStory carry the sign-in of a code to the application's request for its tokens.
func storyFor(ctx context.Context) string {
	if v, ok := ctx.Value(partKey{}).(*visit); ok && v.traced != nil {
		return v.traced.Story().Text()
	}
	return ""
}

func joinStory(ctx context.Context, text string) {
	if v, ok := ctx.Value(partKey{}).(*visit); ok && v.traced != nil {
		if story, ok := tracing.ParseStory(text); ok {
			v.traced.Join(story)
		}
	}
}
