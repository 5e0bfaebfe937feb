package stack

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"example.com/identityd/internal/middleware"
	"example.com/identityd/internal/outage"
	"example.com/identityd/internal/sqlseam"
)

// Body limits in bytes. The engines' own are narrower where they have one.
const (
	publicBody = 64 << 10
	adminBody  = 10 << 20
)

// front puts what every listener has in common in front of its handler.
func (s *Stack) front(l *listener, h http.Handler) http.Handler {
	body := int64(publicBody)
	if l.admin {
		body = adminBody
	}
	chain := []middleware.Middleware{
		s.plain.Middleware,
		middleware.RequestID,
		s.metrics.statements(l.name),
		middleware.AccessLog(s.log, l.name, annotate),
		middleware.Recover(s.log, s.metrics.panics.Inc),
		middleware.Limit(body),
		middleware.Deadline(requestDeadline(l)),
	}
	// The pages set their own headers, because their policies differ.
	if l.name != "ui" {
		https := strings.HasPrefix(s.urls.Hydra, "https://")
		chain = append(chain, middleware.APIHeaders(https))
	}
	if l.admin {
		chain = append(chain, s.admin(l))
	}
	// Inside the headers, so that a 503 has them too.
	switch l.name {
	case "hydra_public":
		chain = append(chain, outage.WithMemory(outage.Hydra, s.memory))
	case "hydra_admin":
		chain = append(chain, outage.Middleware(outage.Hydra))
	case "kratos_public", "kratos_admin", "ui":
		chain = append(chain, outage.Middleware(outage.Kratos))
	}
	return middleware.Chain(h, chain...)
}

// requestDeadline ends a request that a frozen database would hold for ever. It is shorter than the
// server's write timeout, so that there is still time to say so.
func requestDeadline(l *listener) time.Duration {
	if l.admin {
		return 55 * time.Second
	}
	return 25 * time.Second
}

// annotate adds what the database did to the access line.
func annotate(ctx context.Context) []slog.Attr {
	r := sqlseam.FromContext(ctx)
	if r == nil {
		return nil
	}
	attrs := []slog.Attr{slog.Int("sql_statements", r.Statements())}
	if err := r.Failure(); err != nil {
		attrs = append(attrs, slog.String("sql_failure", err.Error()))
	}
	return attrs
}

// oneHostName sends a browser that came by a loopback address to the name the pages are known by:
// cookies set for one are not sent to the other (docs/ory-quirks.md#q27).
func oneHostName(base string, next http.Handler) http.Handler {
	u, err := url.Parse(base)
	if err != nil || u.Hostname() != "localhost" {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		ip := net.ParseIP(strings.Trim(host, "[]"))
		if ip == nil || !ip.IsLoopback() || (r.Method != http.MethodGet && r.Method != http.MethodHead) {
			next.ServeHTTP(w, r)
			return
		}
		to := *r.URL
		to.Scheme, to.Host = u.Scheme, u.Host
		w.Header().Set("Cache-Control", "no-store")
		http.Redirect(w, r, to.String(), http.StatusTemporaryRedirect)
	})
}
