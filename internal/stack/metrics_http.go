package stack

import (
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"example.com/identityd/internal/gateway"
)

// httpMetrics count the requests that came in by a listener, whoever answered. What the engines ask each other inside
// of the process is in the http_* metrics of the engines alone.
type httpMetrics struct {
	total    *prometheus.CounterVec
	duration *prometheus.HistogramVec

	routes routes
	mu     sync.RWMutex
	series map[requestKey]requestSeries
}

// requestKey has as many values as there are listeners, routes, known methods and classes of statuses.
type requestKey struct {
	listener, route, method string
	part                    gateway.Part
	class                   int
}

type requestSeries struct {
	total    prometheus.Counter
	duration prometheus.Observer
}

func newHTTPMetrics(r prometheus.Registerer) *httpMetrics {
	m := &httpMetrics{
		total: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "identityd_http_requests_total",
			Help: "Requests, by listener, by the part that answered, by route, by method and by the class of the status, which is aborted where none was sent.",
		}, []string{"listener", "part", "route", "method", "code"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "identityd_http_request_duration_seconds",
			Help:    "How long requests took, by listener, by the part that answered and by route.",
			Buckets: []float64{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25},
		}, []string{"listener", "part", "route"}),
		series: map[requestKey]requestSeries{},
		routes: makeRoutes(),
	}
	r.MustRegister(m.total, m.duration)
	return m
}

// observe counts a request, whose path and method are whatever a client sent.
func (m *httpMetrics) observe(listener string, part gateway.Part, r *http.Request, status int, took time.Duration) {
	key := requestKey{listener: listener, part: part, route: m.routes.of(r.URL.Path), method: methodOf(r.Method), class: status / 100}
	m.mu.RLock()
	s, ok := m.series[key]
	m.mu.RUnlock()
	if !ok {
		s = requestSeries{
			total:    m.total.WithLabelValues(listener, string(part), key.route, key.method, classOf(key.class)),
			duration: m.duration.WithLabelValues(listener, string(part), key.route),
		}
		m.mu.Lock()
		m.series[key] = s // of two at once, both have the same metrics
		m.mu.Unlock()
	}
	s.total.Inc()
	s.duration.Observe(took.Seconds())
}

func methodOf(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return method
	}
	return other
}

func classOf(class int) string {
	if class < 1 || class > 5 {
		return "aborted"
	}
	return strconv.Itoa(class) + "xx"
}
