package stack

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"example.com/identityd/internal/middleware"
	"example.com/identityd/internal/outage"
	"example.com/identityd/internal/sqlseam"
)

// front puts what every listener has in common in front of its handler.
func (s *Stack) front(l *listener, h http.Handler) http.Handler {
	var doors []middleware.Middleware
	if l.admin && l.name != controlName { // which has a guard of its own, and asks for no token
		doors = append(doors, s.admin(l))
	}
	return middleware.Chain(
		s.within(l.name, h, doors...),
		s.probed,
		s.proxyAsks,
		s.identified(l.name),
		middleware.Baseline(s.secure(l.name)),
		middleware.RequestID,
		s.visited(l.name),
		middleware.AccessLog(s.log, l.name, annotate),
		middleware.Recover(s.log, s.panicked),
		middleware.LimitBy(bodyLimit(l)),
		middleware.Deadline(requestDeadline(l)),
	)
}

// within puts what differs by part in front of its handler: on a listener of its own, or inside the
// gateway, which has none of its own. The doors refuse in front of it what may not come in.
func (s *Stack) within(listener string, h http.Handler, doors ...middleware.Middleware) http.Handler {
	var chain []middleware.Middleware
	if part, ok := partOf(listener); ok {
		chain = append(chain, s.isPart(part))
	}
	chain = append(chain, doors...)
	if listener == "hydra_public" {
		chain = append(chain, middleware.NoMultipart)
	}
	switch listener {
	case "hydra_public":
		chain = append(chain, metadataOf(s.urls.Hydra), s.documents.Middleware, outage.WithMemory(outage.Hydra, s.memory))
	case "hydra_admin":
		chain = append(chain, outage.Middleware(outage.Hydra))
	case "kratos_public", "kratos_admin", "ui":
		chain = append(chain, outage.Middleware(outage.Kratos))
	}
	return middleware.Chain(h, chain...)
}

// Body limits in bytes. The engines' own are narrower where they have one.
const (
	publicBody = 64 << 10
	adminBody  = 1 << 20
	importBody = 10 << 20
)

// bodyLimit is how long a body may be. Only the import of many identities in one request, which is
// Kratos' batch patch, is large; one identity alone is not.
func bodyLimit(l *listener) func(*http.Request) int64 {
	return func(r *http.Request) int64 {
		switch {
		case !l.admin:
			return publicBody
		case l.name == "kratos_admin" && r.Method == http.MethodPatch && strings.TrimSuffix(r.URL.Path, "/") == "/admin/identities":
			return importBody
		}
		return adminBody
	}
}

// requestDeadline ends a request that a frozen database would hold for ever. It is shorter than the
// server's write timeout, so that there is still time to say so.
func requestDeadline(l *listener) time.Duration {
	if l.admin {
		return 55 * time.Second
	}
	return 25 * time.Second
}

// annotate adds to the access line what the database did, and what tells why it ended as it did.
func annotate(ctx context.Context) []slog.Attr {
	attrs := make([]slog.Attr, 0, 4)
	if v, ok := ctx.Value(partKey{}).(*visit); ok {
		v.code(v.status)
		attrs = v.traced.attrs(v, v.told.attrs(attrs))
	}
	if part := partFrom(ctx); part != "" {
		attrs = append(attrs, slog.String("part", string(part)))
	}
	r := sqlseam.FromContext(ctx)
	if r == nil {
		return attrs
	}
	attrs = append(attrs, slog.Int("sql_statements", r.Statements()))
	if err := r.Failure(); err != nil {
		attrs = append(attrs, slog.String("sql_failure", err.Error()))
	}
	return attrs
}
