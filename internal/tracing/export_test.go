package tracing

import (
	"bytes"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/trace"
)

type wayFunc func(*http.Request) (*http.Response, error)

func (f wayFunc) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// sendOne has a failed request sent by settings, and returns what the log says of it.
func sendOne(t *testing.T, s Settings) string {
	t.Helper()
	var said bytes.Buffer
	tr := New(Config{Log: slog.New(slog.NewJSONHandler(&said, nil)), Pause: time.Hour})
	if err := tr.Become(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	_, q := tr.Begin(httptest.NewRequest(http.MethodGet, "/login", http.NoBody), Stranger, trace.SpanKindServer, Story{})
	q.End(Outcome{Failed: true})
	tr.Close(t.Context())
	return said.String()
}

// TestTheEnvironmentDoesNotChooseTheWay holds that the variables of OpenTelemetry's SDKs, which clusters put into every
// container, do not send what the file wants sent by TLS in the clear.
func TestTheEnvironmentDoesNotChooseTheWay(t *testing.T) {
	for name, env := range map[string]map[string]string{
		"none":                    {},
		"an endpoint without TLS": {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318/other"},
		"one for traces":          {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://localhost:4318/other"},
		"no TLS":                  {"OTEL_EXPORTER_OTLP_INSECURE": "true"},
		"another encoding":        {"OTEL_EXPORTER_OTLP_PROTOCOL": "http/json"},
		"headers and a time":      {"OTEL_EXPORTER_OTLP_HEADERS": "authorization=theirs", "OTEL_EXPORTER_OTLP_TIMEOUT": "1"},
	} {
		for endpoint, want := range map[string]string{
			"https://collector.example":          "https://collector.example/v1/traces",
			"https://collector.example/a%20b/c":  "https://collector.example/a%20b/c",
			"http://collector.example:4318/otlp": "http://collector.example:4318/otlp",
		} {
			t.Run(name+" for "+endpoint, func(t *testing.T) {
				for k, v := range env {
					t.Setenv(k, v)
				}
				var got []string
				said := sendOne(t, Settings{
					Endpoint: endpoint, Headers: map[string]string{"X-Ours": "1"},
					Way: wayFunc(func(r *http.Request) (*http.Response, error) {
						got = append(got, r.URL.String(), r.Header.Get("Content-Type"), r.Header.Get("Authorization"), r.Header.Get("X-Ours"))
						_, _ = io.Copy(io.Discard, r.Body)
						return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: http.NoBody}, nil
					}),
				})
				if diff := cmp.Diff([]string{want, "application/x-protobuf", "", "1"}, got); diff != "" {
					t.Errorf("(-want +got):\n%s%s", diff, said)
				}
			})
		}
	}
}

// TestACollectorThatRefuses holds that what it answers, which may be the page of whatever stands at its address, is
// not written out in the log.
func TestACollectorThatRefuses(t *testing.T) {
	for _, status := range []int{http.StatusBadRequest, http.StatusServiceUnavailable, http.StatusFound} {
		t.Run(http.StatusText(status), func(t *testing.T) {
			to := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(status)
				_, _ = w.Write([]byte(strings.Repeat("what it says ", 100_000)))
			}))
			defer to.Close()
			said := sendOne(t, Settings{Endpoint: to.URL, Way: http.DefaultTransport})
			if n := len(said); n < 100 || n > 1500 || !strings.Contains(said, "what it says") {
				t.Errorf("got %d bytes: %.300s", n, said)
			}
		})
	}
}
