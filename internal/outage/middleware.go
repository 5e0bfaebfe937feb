package outage

import (
	"net/http"

	"example.com/identityd/internal/sqlseam"
)

// Middleware holds each answer back until its handler is done, and replaces it when the database
// failed meanwhile: a success as well, because the engines swallow errors of reads, and a client
// asks again sooner than it forgives a wrong verdict.
//
// It belongs inside whatever sets the deadline of a request and opens its sqlseam.Record; without a
// record it opens one. It must not stand before readiness, which has more to say than 503.
func Middleware(shape Shape) func(http.Handler) http.Handler { return WithMemory(shape, nil) }

// WithMemory is Middleware that knows an answer of its own for a few documents; nil knows none.
func WithMemory(shape Shape, memory *Memory) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			// An upgraded connection is no answer that could be replaced.
			if r.Header.Get("Upgrade") != "" {
				next.ServeHTTP(w, r)
				return
			}
			record := sqlseam.FromContext(r.Context())
			if record == nil {
				ctx, opened := sqlseam.NewContext(r.Context())
				r, record = r.WithContext(ctx), opened
			}
			r, known, done := memory.hurry(r)
			defer done()
			held := newAnswer(w, func() bool { return record.Failure() != nil })
			switch inTime := within(r, held, next); {
			case !inTime:
				// It still runs, so that nothing of its answer may be looked at.
				if !memory.answer(w, r, nil) {
					shape.refuse(w, r, nil)
				}
			case held.sent:
			case caused(r, record, held):
				if !memory.answer(w, r, held.head()) {
					shape.refuse(w, r, held.head())
				}
			default:
				memory.keep(r, known, held)
				held.send()
			}
		})
	}
}

// caused reports whether the database is why an answer is what it is.
func caused(r *http.Request, record *sqlseam.Record, held *answer) bool {
	if record.Failure() != nil {
		return true
	}
	// A conflict that looks settled, while the answer says it is not: Hydra's 409 is one, and what was
	// committed since may have been another transaction.
	if record.Conflict() != nil && (held.status == http.StatusConflict || held.status >= http.StatusInternalServerError) {
		return true
	}
	// Waiting for a free connection ends within database/sql, where the seam sees nothing of it.
	return (expired(r.Context()) || record.Doubt()) && verdict(held)
}
