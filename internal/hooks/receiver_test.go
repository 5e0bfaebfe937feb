package hooks_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/identityd/internal/hooks"
)

// receiver is at the other end of the transport.
type receiver struct {
	mu     sync.Mutex
	answer func(*http.Request, map[string]any) (int, string)
	heard  []map[string]any
	signed []bool
}

func (r *receiver) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	var body map[string]any
	if err := json.Unmarshal(raw, &body); err != nil {
		return nil, err
	}
	r.mu.Lock()
	r.heard = append(r.heard, body)
	r.signed = append(r.signed, verified(req.Header, raw, []byte("secretsecretsecretsecretsecretsecret")) && verified(req.Header, raw, []byte(newer)))
	answer := r.answer
	r.mu.Unlock()
	status, text := 204, ""
	if answer != nil {
		status, text = answer(req, body)
	}
	if status == 0 {
		<-req.Context().Done()
		return nil, req.Context().Err()
	}
	header := http.Header{}
	if status/100 == 3 {
		header.Set("Location", "http://elsewhere.example/")
	}
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(text)), Request: req}, nil
}

// verified is how a receiver looks at a signature, by the text of standardwebhooks.com.
func verified(h http.Header, body, key []byte) bool {
	at, err := strconv.ParseInt(h.Get("webhook-timestamp"), 10, 64)
	if err != nil || time.Since(time.Unix(at, 0)).Abs() > 5*time.Minute {
		return false
	}
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(h.Get("webhook-id") + "." + h.Get("webhook-timestamp") + "."))
	mac.Write(body)
	want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	return slices.Contains(strings.Fields(h.Get("webhook-signature")), want)
}

func (r *receiver) got() (events []string, signed bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	signed = !slices.Contains(r.signed, false)
	for _, body := range r.heard {
		events = append(events, body["event"].(string)+" "+body["subject"].(string))
	}
	return events, signed
}

func (r *receiver) become(answer func(*http.Request, map[string]any) (int, string)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = answer
}

func status(n int) func(*http.Request, map[string]any) (int, string) {
	return func(*http.Request, map[string]any) (int, string) { return n, "" }
}

func start(t *testing.T, r *receiver, rows hooks.Rows, list ...hooks.Hook) *hooks.Hooks {
	t.Helper()
	keys, err := hooks.ParseSecrets("# two, for a rotation\n" + secret + "\n" + newer + "\n")
	if err != nil {
		t.Fatal(err)
	}
	for i := range list {
		list[i].Keys = keys
		if list[i].Timeout == 0 {
			list[i].Timeout = 2 * time.Second
		}
		list[i].URL = "http://receiver.example/" + list[i].Name
	}
	h := hooks.New(hooks.Config{Log: slog.New(slog.DiscardHandler), Rows: rows, Way: r, Agent: "test"})
	h.Become(list)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); h.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	return h
}

func happens(t *testing.T, h *hooks.Hooks, e hooks.Event, subject string) {
	t.Helper()
	noted, err := h.Note(nil, e, hooks.Occasion{Subject: subject, Traits: json.RawMessage(`{"email":"ada@example.com"}`)})
	if err != nil {
		t.Fatal(err)
	}
	h.Tell(t.Context(), noted)
}

func dead(t *testing.T, rows *hooks.Memory) []hooks.Waiting {
	t.Helper()
	list, err := rows.List(t.Context(), hooks.Query{Dead: true})
	if err != nil {
		t.Fatal(err)
	}
	return list
}
