package ory

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/julienschmidt/httprouter"
	prometheusx "github.com/ory/x/prometheusx"
	"github.com/prometheus/client_golang/prometheus"

	"example.com/identityd/internal/alloctest"
)

// answers are handlers with what the metrics tell apart.
func answers() *httprouter.Router {
	router := httprouter.New()
	handle := func(status int, body string) httprouter.Handle {
		return func(w http.ResponseWriter, _ *http.Request, _ httprouter.Params) {
			if status != 0 {
				w.WriteHeader(status)
			}
			if body != "" {
				io.WriteString(w, body) //nolint:errcheck // to a recorder
			}
		}
	}
	router.GET("/silent", handle(0, ""))
	router.GET("/spoken", handle(0, "spoken"))
	router.POST("/made", handle(http.StatusCreated, strings.Repeat("x", 40)))
	router.GET("/clients/:id/keys/:kid", handle(http.StatusFound, ""))
	router.PUT("/clients/:id", handle(http.StatusServiceUnavailable, "no"))
	router.PATCH("/clients/:id", handle(599, ""))
	return router
}

func requests() []*http.Request {
	out := []*http.Request{
		httptest.NewRequest(http.MethodGet, "/silent", http.NoBody),
		httptest.NewRequest(http.MethodGet, "/spoken?challenge=secret&b=%20", http.NoBody),
		httptest.NewRequest(http.MethodGet, "/spoken", http.NoBody),
		httptest.NewRequest(http.MethodPost, "/made", strings.NewReader("a=b")),
		httptest.NewRequest(http.MethodGet, "/clients/abc/keys/abc", http.NoBody),
		httptest.NewRequest(http.MethodPut, "/clients/clients", http.NoBody),
		httptest.NewRequest(http.MethodPatch, "/clients/d", http.NoBody),
		httptest.NewRequest(http.MethodDelete, "/clients/d", http.NoBody),
		httptest.NewRequest(http.MethodGet, "/nowhere", http.NoBody),
	}
	out[0].Header.Set("X-Long", strings.Repeat("v", 300))
	return out
}

func TestRequestsAreCountedAsUpstreamCountsThem(t *testing.T) {
	was, theirs := prometheus.DefaultRegisterer, prometheus.NewRegistry()
	prometheus.DefaultRegisterer = theirs // where upstream's go, whoever asks
	t.Cleanup(func() { prometheus.DefaultRegisterer = was })
	upstream := prometheusx.NewMetricsManagerWithPrefix("hydra", prometheusx.HTTPMetrics, "v", "h", "d")

	ours := prometheus.NewRegistry()
	m, err := NewHTTPMetrics(ours, Build{App: "hydra", Version: "v", Hash: "h", Date: "d"})
	if err != nil {
		t.Fatal(err)
	}
	router := answers()
	upstream.RegisterRouter(router)
	m.Routes(router)
	served := m.Middleware(router)
	for _, r := range requests() {
		upstream.ServeHTTP(&metered{ResponseWriter: httptest.NewRecorder()}, r, router.ServeHTTP)
	}
	for _, r := range requests() {
		served.ServeHTTP(httptest.NewRecorder(), r)
	}
	if diff := cmp.Diff(lines(t, theirs), lines(t, ours)); diff != "" {
		t.Errorf("series (-upstream +ours):\n%s", diff)
	}
}

func TestAMethodThatAClientMadeUpIsNoSeriesOfItsOwn(t *testing.T) {
	registry := prometheus.NewRegistry()
	m, err := NewHTTPMetrics(registry, Build{App: "kratos"})
	if err != nil {
		t.Fatal(err)
	}
	router := answers()
	m.Routes(router)
	h := m.Middleware(router)
	for _, method := range []string{"GOT", "GIT", "GUT", "get"} {
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(method, "/silent", http.NoBody))
	}
	if got := len(m.series); got != 1 {
		t.Errorf("got %d series of four methods that nobody knows, want 1: %v", got, lines(t, registry))
	}
}

func TestASecondEngineCountsIntoTheSameSeries(t *testing.T) {
	registry := prometheus.NewRegistry()
	for range 2 {
		m, err := NewHTTPMetrics(registry, Build{App: "kratos"})
		if err != nil {
			t.Fatal(err)
		}
		m.Middleware(http.NotFoundHandler()).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", http.NoBody))
	}
	const want = `http_requests_total app="kratos" buildTime="" code="404" endpoint="{unmatched}" hash="" method="get" version="" 2`
	if got := strings.Join(lines(t, registry), "\n"); !strings.Contains(got, want) {
		t.Errorf("got\n%s\nwant %s", got, want)
	}
}

// lines are the series of a registry without what depends on the clock.
func lines(t *testing.T, from prometheus.Gatherer) []string {
	t.Helper()
	families, err := from.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range families {
		for _, m := range f.GetMetric() {
			line := f.GetName()
			for _, l := range m.GetLabel() {
				line += " " + l.GetName() + `="` + l.GetValue() + `"`
			}
			if c := m.GetCounter(); c != nil {
				out = append(out, line+" "+strconv.FormatFloat(c.GetValue(), 'f', -1, 64))
				continue
			}
			h := m.GetHistogram()
			h.CreatedTimestamp = nil
			if strings.HasSuffix(f.GetName(), "_seconds") {
				h.SampleSum = nil
				for _, b := range h.GetBucket() {
					b.CumulativeCount = nil
				}
			}
			out = append(out, line+" "+f.GetHelp()+" "+h.String())
		}
	}
	return out
}

// metered is what negroni's writer tells upstream.
type metered struct {
	http.ResponseWriter
	status, size int
}

func (m *metered) Status() int { return m.status }
func (m *metered) Size() int   { return m.size }

// WriteHeader implements http.ResponseWriter.
func (m *metered) WriteHeader(status int) {
	m.status = status
	m.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (m *metered) Write(p []byte) (int, error) {
	if m.status == 0 {
		m.status = http.StatusOK
	}
	return m.ResponseWriter.Write(p)
}

func TestWhatCountingARequestCosts(t *testing.T) {
	m, err := NewHTTPMetrics(prometheus.NewRegistry(), Build{App: "kratos"})
	if err != nil {
		t.Fatal(err)
	}
	router := httprouter.New()
	router.GET("/sessions/whoami", func(http.ResponseWriter, *http.Request, httprouter.Params) {})
	m.Routes(router)
	h := m.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }))
	r, w := httptest.NewRequest(http.MethodGet, "/sessions/whoami", http.NoBody), httptest.NewRecorder()
	alloctest.AtMost(t, 1, func() { h.ServeHTTP(w, r) }) // the wrapper
}
