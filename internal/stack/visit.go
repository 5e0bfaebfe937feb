package stack

import (
	"context"
	"net/http"
	"time"

	"example.com/identityd/internal/audit"
	"example.com/identityd/internal/clientaddr"
	"example.com/identityd/internal/gateway"
	"example.com/identityd/internal/middleware"
	"example.com/identityd/internal/sqlseam"
	"example.com/identityd/internal/tally"
	"example.com/identityd/internal/why"
)

// visit is what is known of a request until it is over: a response, the scene that it is the end of, and the part
// that answered. It is one piece of memory, and one copy of the request has all of it in its context.
type visit struct {
	http.ResponseWriter
	scene  audit.Scene
	part   gateway.Part
	status int
	told   telling
	tally  tally.Request
	began  time.Time
	// traced is what the request has where tracing is on.
	traced *traced
	// What the code of a failure is made of, beside what the parts told.
	method, path string
	record       *sqlseam.Record
	codes        *why.Codes
}

// visited opens the record of what the database does for a request, remembers from where it came and what the
// engines say in it until it is over, and brings the plain pages along.
func (s *Stack) visited(listener string) middleware.Middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			v := &visit{ResponseWriter: w, began: time.Now(), method: r.Method, path: r.URL.Path, codes: s.codes}
			begun := r.Context()
			if s.traces.On() {
				begun = s.beginTrace(v, listener, r)
			}
			staged := context.WithValue(s.plainPages().Within(begun), partKey{}, v)
			v.told.asked(r)
			if trail := s.trail.Load(); trail != nil {
				v.enter(r)
				staged = audit.WithScene(staged, &v.scene)
				defer func() { trail.End(staged, &v.scene, v.status) }()
			}
			w = v
			ctx, record := sqlseam.NewContext(staged)
			v.record = record
			if v.traced != nil {
				record.Trace(s.traceStatement)
				v.traced.record = record
				defer s.endTrace(v)
			}
			if s.opts.Watch != nil {
				each, done := s.opts.Watch(r)
				record.Watch(each)
				defer done()
			}
			defer s.metrics.called(listener, v, r, record)
			next.ServeHTTP(w, r.WithContext(ctx))
			v.implied()
			v.traced.finish()
		})
	}
}

// enter sets the scene.
func (v *visit) enter(r *http.Request) {
	v.scene.Request = middleware.RequestIDFrom(r.Context())
	if a := clientaddr.From(r.Context()); a.IsValid() {
		v.scene.Address = a.String()
	}
	v.scene.Agent = agent(r)
}

// called counts a request, what the database did for it, and what became of flows and tokens in it.
func (m *metrics) called(listener string, v *visit, r *http.Request, record *sqlseam.Record) {
	part := string(v.part)
	m.http.observe(listener, v.part, r, v.status, time.Since(v.began))
	if signsOut(v.part, r) {
		v.tally.Begin(tally.Logout)
	}
	m.flows.add(v.tally.End(v.status))
	m.perCall.WithLabelValues(listener, part).Observe(float64(record.Statements()))
	if record.Failure() != nil {
		m.failures.WithLabelValues(listener, part).Inc()
	}
}

// WriteHeader implements http.ResponseWriter.
func (v *visit) WriteHeader(status int) {
	if v.status == 0 && status >= http.StatusOK {
		v.status = status
		v.told.answered(status, v.Header())
		if code := v.code(status); code != "" && status >= http.StatusMultipleChoices {
			// In a header, whatever the form of the answer is: RFC 6749 and Ory's clients leave no room in bodies of theirs.
			v.Header().Set(middleware.ErrorCodeHeader, code)
		}
		if v.traced != nil {
			v.traced.answers(v, status)
		}
	}
	v.ResponseWriter.WriteHeader(status)
}

// implied says the status that net/http sends for those who name none: a 0 is of an answer that was aborted.
func (v *visit) implied() {
	if v.status == 0 {
		v.WriteHeader(http.StatusOK)
	}
}

// Write implements http.ResponseWriter.
func (v *visit) Write(p []byte) (int, error) {
	v.implied()
	return v.ResponseWriter.Write(p)
}

// FlushError serves http.ResponseController, and sends a status as Write does.
func (v *visit) FlushError() error {
	v.implied()
	return http.NewResponseController(v.ResponseWriter).Flush()
}

// Unwrap serves http.ResponseController.
func (v *visit) Unwrap() http.ResponseWriter { return v.ResponseWriter }
