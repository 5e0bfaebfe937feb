package stack

import (
	"context"
	"net/http"

	"example.com/identityd/internal/audit"
	"example.com/identityd/internal/clientaddr"
	"example.com/identityd/internal/gateway"
	"example.com/identityd/internal/middleware"
	"example.com/identityd/internal/sqlseam"
)

// visit is what is known of a request until it is over: a response, the scene that it is the end of, and the part
// that answered. It is one piece of memory, and one copy of the request has all of it in its context.
type visit struct {
	http.ResponseWriter
	scene  audit.Scene
	part   gateway.Part
	status int
	told   telling
}

// visited opens the record of what the database does for a request, remembers from where it came and what the
// engines say in it until it is over, and brings the plain pages along.
func (s *Stack) visited(listener string) middleware.Middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			v := &visit{ResponseWriter: w}
			staged := context.WithValue(s.plainPages().Within(r.Context()), partKey{}, v)
			v.told.asked(r)
			if trail := s.trail.Load(); trail != nil {
				v.enter(r)
				staged = audit.WithScene(staged, &v.scene)
				w = v
				defer func() { trail.End(staged, &v.scene, v.status) }()
			}
			ctx, record := sqlseam.NewContext(staged)
			if s.opts.Watch != nil {
				each, done := s.opts.Watch(r)
				record.Watch(each)
				defer done()
			}
			defer s.metrics.called(listener, v, record)
			next.ServeHTTP(w, r.WithContext(ctx))
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

// called counts what the database did for a request.
func (m *metrics) called(listener string, v *visit, record *sqlseam.Record) {
	part := string(v.part)
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
	}
	v.ResponseWriter.WriteHeader(status)
}

// Unwrap serves http.ResponseController.
func (v *visit) Unwrap() http.ResponseWriter { return v.ResponseWriter }
