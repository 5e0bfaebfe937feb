package ory

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// maxAnswer bounds what is read of an engine's answer, in bytes.
const maxAnswer = 4 << 20

// Caller speaks JSON with an engine.
type Caller struct {
	// Client never follows redirects and retries nothing: both would hide what the engine said.
	Client *http.Client
	// Base is the scheme and host that requests carry. Over a Transport only its shape matters.
	Base string
}

// NewCaller returns a caller over the transport.
func NewCaller(base string, rt http.RoundTripper) *Caller {
	return &Caller{
		Base: base,
		Client: &http.Client{
			Transport:     rt,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

// Request is one call.
type Request struct {
	Method string // GET when empty
	Path   string
	Query  url.Values
	Header http.Header
	Body   any // sent as JSON when not nil
}

// StatusError is an answer outside 2xx. Body is the engine's own JSON and may hold internals: it is
// for decoding and for the log, never for a person.
type StatusError struct {
	Path   string
	Status int
	Body   []byte
}

// Error implements error.
func (e *StatusError) Error() string {
	return fmt.Sprintf("%s answered %d: %s", e.Path, e.Status, bytes.TrimSpace(e.Body[:min(len(e.Body), 512)]))
}

// Do sends the request and decodes a 2xx answer into out, unless out is nil. A *[]byte takes it as it is.
func (c *Caller) Do(ctx context.Context, in Request, out any) error {
	method := in.Method
	if method == "" {
		method = http.MethodGet
	}
	body := io.Reader(http.NoBody)
	if in.Body != nil {
		raw, err := json.Marshal(in.Body)
		if err != nil {
			return fmt.Errorf("encoding request for %s: %w", in.Path, err)
		}
		body = bytes.NewReader(raw)
	}
	target := c.Base + in.Path
	if len(in.Query) > 0 {
		target += "?" + in.Query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, method, target, body)
	if err != nil {
		return fmt.Errorf("building request for %s: %w", in.Path, err)
	}
	for k, v := range in.Header {
		req.Header[k] = v
	}
	req.Header.Set("Accept", "application/json")
	if in.Body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := c.Client.Do(req)
	if err != nil {
		return fmt.Errorf("calling %s: %w", in.Path, err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("reading answer of %s: %w", in.Path, err)
	}
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return &StatusError{Path: in.Path, Status: res.StatusCode, Body: raw}
	}
	if out == nil || len(raw) == 0 {
		return nil
	}
	if verbatim, ok := out.(*[]byte); ok {
		*verbatim = raw
		return nil
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return fmt.Errorf("decoding answer of %s: %w", in.Path, err)
	}
	return nil
}
