package ory

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/julienschmidt/httprouter"
	"github.com/prometheus/client_golang/prometheus"
)

// Build is what the series of an engine say of it.
type Build struct{ App, Version, Hash, Date string }

// HTTPMetrics counts the requests of one engine by the names, labels and buckets of upstream's middleware
// (docs/ory-quirks.md#q140). Upstream's makes five wrappers, two registries and a dozen curried vectors for each
// request; here a request costs a look-up, once its like was seen.
type HTTPMetrics struct {
	total        *prometheus.CounterVec   // code, method, endpoint
	duration     *prometheus.HistogramVec // code, method, endpoint
	responseTime *prometheus.HistogramVec // endpoint
	responseSize *prometheus.HistogramVec // code, method
	requestSize  *prometheus.HistogramVec // code, method
	statuses     *prometheus.CounterVec   // method, status_bucket

	routers []*httprouter.Router

	mu     sync.RWMutex
	series map[seriesKey]*series
}

// seriesKey has as many values as there are routes, known methods and statuses.
type seriesKey struct {
	status   int
	method   string
	endpoint string
}

// series are the metrics of all requests with the same labels.
type series struct {
	total, statuses                                   prometheus.Counter
	duration, responseTime, responseSize, requestSize prometheus.Observer
}

// NewHTTPMetrics registers the metrics of an engine where upstream does. A second engine of the same kind in a
// process counts into the same ones (docs/ory-quirks.md#q9).
func NewHTTPMetrics(to prometheus.Registerer, b Build) (*HTTPMetrics, error) {
	labels := prometheus.Labels{"app": b.App, "version": b.Version, "hash": b.Hash, "buildTime": b.Date}
	counter := func(name, help string, by ...string) (*prometheus.CounterVec, error) {
		return register(to, prometheus.NewCounterVec(prometheus.CounterOpts{Name: "http_" + name, Help: help, ConstLabels: labels}, by))
	}
	histogram := func(name, help string, by ...string) (*prometheus.HistogramVec, error) {
		return register(to, prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "http_" + name, Help: help, ConstLabels: labels}, by))
	}
	m := &HTTPMetrics{series: map[seriesKey]*series{}}
	var errs [6]error
	m.responseTime, errs[0] = histogram("response_time_seconds", "Description", "endpoint")
	m.total, errs[1] = counter("requests_total", "number of requests", "code", "method", "endpoint")
	m.duration, errs[2] = histogram("requests_duration_seconds", "duration of a requests in seconds", "code", "method", "endpoint")
	m.responseSize, errs[3] = histogram("response_size_bytes", "size of the responses in bytes", "code", "method")
	m.requestSize, errs[4] = histogram("requests_size_bytes", "size of the requests in bytes", "code", "method")
	m.statuses, errs[5] = counter("requests_statuses_total", "count number of responses per status", "method", "status_bucket")
	return m, errors.Join(errs[:]...)
}

func register[C prometheus.Collector](to prometheus.Registerer, c C) (C, error) {
	err := to.Register(c)
	if there := new(prometheus.AlreadyRegisteredError); errors.As(err, there) {
		if same, ok := there.ExistingCollector.(C); ok {
			return same, nil
		}
	}
	return c, err
}

// Routes names the routers whose routes are endpoints. It is called before the first request.
func (m *HTTPMetrics) Routes(routers ...*httprouter.Router) {
	m.routers = append(m.routers, routers...)
}

// Middleware counts what next answers. As upstream's, it counts no request that panics.
func (m *HTTPMetrics) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		key := seriesKey{method: knownMethod(r.Method), endpoint: m.endpoint(r)}
		size := requestSize(r)
		rec := &counted{ResponseWriter: w}
		began := time.Now()
		next.ServeHTTP(rec, r)
		took := time.Since(began).Seconds()
		key.status = rec.status
		s := m.of(key)
		s.total.Inc()
		s.statuses.Inc()
		s.duration.Observe(took)
		s.responseTime.Observe(took)
		s.responseSize.Observe(float64(rec.bytes))
		s.requestSize.Observe(float64(size))
	})
}

func (m *HTTPMetrics) of(key seriesKey) *series {
	m.mu.RLock()
	s, ok := m.series[key]
	m.mu.RUnlock()
	if ok {
		return s
	}
	code, method := codeLabel(key.status), strings.ToLower(key.method)
	s = &series{
		total:        m.total.WithLabelValues(code, method, key.endpoint),
		statuses:     m.statuses.WithLabelValues(key.method, statusBucket(key.status)),
		duration:     m.duration.WithLabelValues(code, method, key.endpoint),
		responseTime: m.responseTime.WithLabelValues(key.endpoint),
		responseSize: m.responseSize.WithLabelValues(code, method),
		requestSize:  m.requestSize.WithLabelValues(code, method),
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.series[key] = s // of two at once, both have the same metrics
	return s
}

// endpoint is the path of a route, its parameters taken out.
func (m *HTTPMetrics) endpoint(r *http.Request) string {
	for _, router := range m.routers {
		handle, params, _ := router.Lookup(r.Method, r.URL.Path)
		if handle == nil {
			continue
		}
		if len(params) == 0 {
			return r.URL.Path
		}
		parts := strings.Split(r.URL.Path, "/")
		for i, part := range parts {
			for _, p := range params {
				if p.Value == part {
					parts[i] = "{param}"
				}
			}
		}
		return strings.Join(parts, "/")
	}
	return "{unmatched}"
}

// knownMethod bounds the label: upstream takes whatever a client sends into one of them.
func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodPut, http.MethodHead, http.MethodPost, http.MethodDelete, http.MethodConnect,
		http.MethodOptions, "NOTIFY", http.MethodTrace, http.MethodPatch:
		return method
	}
	return "unknown"
}

// codeLabel is 200 for a handler that wrote nothing, as net/http sends it.
func codeLabel(status int) string {
	switch {
	case status == 0:
		return "200"
	case status >= 100 && status <= 599:
		return strconv.Itoa(status)
	}
	return "unknown"
}

func statusBucket(status int) string {
	if status < 200 || status > 599 {
		return "unknown"
	}
	return strconv.Itoa(status/100) + "xx"
}

// requestSize is about what a request was on the wire.
func requestSize(r *http.Request) int64 {
	size := len(r.URL.Path) + len(r.Method) + len(r.Proto) + len(r.Host)
	if r.URL.RawQuery != "" {
		size += 1 + len(r.URL.RawQuery)
	}
	for name, values := range r.Header {
		size += len(name)
		for _, v := range values {
			size += len(v)
		}
	}
	return int64(size) + max(r.ContentLength, 0)
}

// counted remembers what was answered.
type counted struct {
	http.ResponseWriter
	status int
	bytes  int64
}

// WriteHeader implements http.ResponseWriter.
func (c *counted) WriteHeader(status int) {
	if c.status == 0 && (status >= http.StatusOK || status == http.StatusSwitchingProtocols) {
		c.status = status
	}
	c.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (c *counted) Write(p []byte) (int, error) {
	if c.status == 0 {
		c.status = http.StatusOK
	}
	n, err := c.ResponseWriter.Write(p)
	c.bytes += int64(n)
	return n, err
}

// Unwrap serves http.ResponseController.
func (c *counted) Unwrap() http.ResponseWriter { return c.ResponseWriter }
