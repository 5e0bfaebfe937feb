package stack

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"example.com/identityd/internal/alloctest"
	"example.com/identityd/internal/audit"
	"example.com/identityd/internal/clientaddr"
	"example.com/identityd/internal/config"
	"example.com/identityd/internal/locale"
	"example.com/identityd/internal/outage"
	"example.com/identityd/internal/packed"
)

// fronted is what stands in front of a part on its own listener, with nothing behind it.
func fronted(t *testing.T, part string) http.Handler {
	t.Helper()
	texts, err := locale.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := plainPages(config.UI{}, texts)
	if err != nil {
		t.Fatal(err)
	}
	s := &Stack{
		log: slog.New(slog.DiscardHandler), metrics: newMetrics("test"), plain: plain,
		clients: clientaddr.New(clientaddr.Config{}), memory: outage.NewMemory(0), documents: packed.NewDocuments(publicDocuments()...),
		urls: URLs{Hydra: "https://id.example.com", Kratos: "https://id.example.com", UI: "https://id.example.com"},
	}
	s.trail.Store(audit.New(audit.Config{Log: s.log}))
	return s.front(&listener{name: part}, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNoContent)
	}))
}

// silent is a response that costs nothing.
type silent struct{ header http.Header }

func (s *silent) Header() http.Header         { return s.header }
func (s *silent) Write(p []byte) (int, error) { return len(p), nil }
func (s *silent) WriteHeader(int)             {}

// TestWhatStandsInFrontOfEveryRequest holds the cost of the chain on each listener: an allocation more is one for
// every request that anybody sends.
func TestWhatStandsInFrontOfEveryRequest(t *testing.T) {
	for listener, most := range map[string]float64{"hydra_public": 41, "kratos_public": 41, "ui": 41, "gateway": 29} {
		t.Run(listener, func(t *testing.T) {
			h := fronted(t, listener)
			r := httptest.NewRequest(http.MethodGet, "/somewhere", http.NoBody)
			r.Header.Set("User-Agent", "a browser")
			w := &silent{header: http.Header{}}
			alloctest.AtMost(t, most, func() {
				clear(w.header)
				h.ServeHTTP(w, r)
			})
		})
	}
}
