package stack

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/audit"
	"example.com/identityd/internal/clientaddr"
	"example.com/identityd/internal/config"
	"example.com/identityd/internal/locale"
)

// TestAnswersWithoutAStatus holds that whoever writes an answer and names no status is counted by the one that
// net/http sends for them. Prometheus' own handler is such: each scrape was counted as aborted.
func TestAnswersWithoutAStatus(t *testing.T) {
	for name, tt := range map[string]struct {
		answer http.HandlerFunc
		code   string
	}{
		"a body":                  {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("hello")) }, "2xx"},
		"a flush":                 {func(w http.ResponseWriter, _ *http.Request) { _ = http.NewResponseController(w).Flush() }, "2xx"},
		"nothing":                 {func(http.ResponseWriter, *http.Request) {}, "2xx"},
		"a status that is named":  {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }, "4xx"},
		"an early hint before it": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusEarlyHints) }, "2xx"},
		"an abort":                {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "aborted"},
		"a panic":                 {func(http.ResponseWriter, *http.Request) { panic("a fault") }, "5xx"},
	} {
		t.Run(name, func(t *testing.T) {
			texts, err := locale.Load(nil)
			if err != nil {
				t.Fatal(err)
			}
			plain, err := plainPages(config.UI{}, texts)
			if err != nil {
				t.Fatal(err)
			}
			s := &Stack{
				log: slog.New(slog.DiscardHandler), metrics: newMetrics("test"), plain: plain, codes: newCodes(),
				clients: clientaddr.New(clientaddr.Config{}), urls: URLs{UI: "https://id.example.com"},
			}
			s.trail.Store(audit.New(audit.Config{Log: s.log}))
			h := s.front(&listener{name: "ops"}, tt.answer)
			func() {
				defer func() { _ = recover() }()
				h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody))
			}()
			families, err := s.metrics.registry.Gather()
			if err != nil {
				t.Fatal(err)
			}
			counted := map[string]float64{}
			for _, family := range families {
				if family.GetName() != "identityd_http_requests_total" {
					continue
				}
				for _, one := range family.GetMetric() {
					for _, label := range one.GetLabel() {
						if label.GetName() == "code" {
							counted[label.GetValue()] += one.GetCounter().GetValue()
						}
					}
				}
			}
			if diff := cmp.Diff(map[string]float64{tt.code: 1}, counted); diff != "" {
				t.Error(diff)
			}
		})
	}
}
