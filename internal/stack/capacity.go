package stack

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/gateway"
	"example.com/identityd/internal/hydra"
	"example.com/identityd/internal/kratos"
	"example.com/identityd/internal/ory"
	"example.com/identityd/internal/outage"
	"example.com/identityd/internal/sqlseam"
)

// perConnection is how many requests of one part may be inside for each connection of a pool. At
// half a second a statement, whoami takes three seconds alone and twelve with four to a connection,
// of which some miss the deadline: and each that does costs a connection, which slows the others.
const perConnection = 2

// publicDocuments are what relying parties ask for before they can verify anything.
func publicDocuments() []string {
	return []string{"/.well-known/openid-configuration", hydra.PathServer, "/.well-known/jwks.json"}
}

// memoryRefresh is how often the documents are read without anybody asking: an outage then begins
// with answers of the last minute, and with keys that another process has changed since.
const memoryRefresh = time.Minute

// newMemory keeps the public documents for as long as a token may live that was signed before the outage.
func newMemory(t config.Tokens) *outage.Memory {
	return outage.NewMemory(longestToken(t), publicDocuments()...)
}

func longestToken(t config.Tokens) time.Duration { return max(t.Access, t.ID) }

// bounded puts the bound on requests in front of a public handler. Health and the answers of a closed
// gate are in front of it.
func (s *Stack) bounded(listener string, h http.Handler) http.Handler {
	var (
		shape  = outage.Kratos
		exempt func(*http.Request) bool
	)
	switch listener {
	case "hydra_public":
		shape, exempt = outage.Hydra, s.memory.Concerns
	case "ui":
		exempt = func(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/assets/") }
	}
	shedder := outage.NewShedder(perConnection*s.cfg.Database.Pool.MaxOpen, urgent(listener))
	part, _ := partOf(listener)
	s.metrics.capacity(part, shedder)
	return shedder.Middleware(shape, exempt, h)
}

// urgent returns which requests of a part are shed last; none of the pages is.
func urgent(listener string) func(*http.Request) bool {
	switch listener {
	case "hydra_public":
		return hydra.Urgent
	case "kratos_public":
		return kratos.Urgent
	}
	return nil
}

func (m *metrics) capacity(part gateway.Part, shedder *outage.Shedder) {
	labels := prometheus.Labels{"part": string(part)}
	m.registry.MustRegister(
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "identityd_requests_inside", Help: "Requests that are being served, by part.", ConstLabels: labels,
		}, func() float64 { return float64(shedder.Inside()) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "identityd_requests_shed_total", ConstLabels: labels,
			Help: "Requests answered 503 because too many were being served, by part.",
		}, func() float64 { return float64(shedder.Shed()) }),
	)
}

// remembering asks for the public documents now and then, and when other engines serve, until ctx ends.
func (s *Stack) remembering(ctx context.Context) {
	_ = s.follow(ctx, func(ctx context.Context, p *pair) error {
		h := outage.WithMemory(outage.Hydra, s.memory)(p.hydra.Public())
		tick := time.NewTicker(memoryRefresh)
		defer tick.Stop()
		for {
			for _, path := range publicDocuments() {
				s.remember(ctx, h, path)
			}
			select {
			case <-ctx.Done():
				return nil
			case <-tick.C:
			}
		}
	})
}

func (s *Stack) remember(ctx context.Context, h http.Handler, path string) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	ctx, _ = sqlseam.NewContext(ctx)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, s.urls.Hydra+path, http.NoBody)
	if err != nil {
		s.log.WarnContext(ctx, "public document cannot be remembered", "path", path, "err", err)
		return
	}
	h.ServeHTTP(ory.NewBuffer(), r)
}
