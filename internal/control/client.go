package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"syscall"

	"example.com/identityd/internal/socket"
)

// Base is the URL below which everything is, for those who use the transport. /hydra/ and /kratos/ below
// it are the admin APIs.
const Base = "http://identityd"

// maxAnswer bounds what is read of an answer.
const maxAnswer = 64 << 20

// NotRunningError says that no identityd serves from a data folder.
type NotRunningError struct{ DataDir string }

// Error implements error.
func (e *NotRunningError) Error() string {
	return fmt.Sprintf("no identityd serves from %s: start it, or name its folder with --config or --set data_dir=...", e.DataDir)
}

// Error is what the other side refused.
type Error struct {
	Status int
	Reason string
}

// Error implements error.
func (e *Error) Error() string { return e.Reason }

// Client asks a running identityd.
type Client struct {
	dataDir string
	http    *http.Client
}

// Dial returns a client of the identityd that serves from a data folder. It connects once, to tell
// whether there is one.
func Dial(dataDir string) (*Client, error) {
	c := &Client{dataDir: dataDir}
	dial := func(ctx context.Context) (net.Conn, error) {
		conn, err := socket.Dial(ctx, Path(dataDir))
		if missing(err) || errors.Is(err, syscall.ECONNREFUSED) {
			return nil, &NotRunningError{dataDir}
		}
		return conn, err
	}
	conn, err := dial(context.Background())
	if err != nil {
		return nil, err
	}
	conn.Close()
	c.http = &http.Client{
		Transport: &http.Transport{
			DisableKeepAlives: true,
			DialContext:       func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx) },
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return c, nil
}

// Transport sends requests for Base and below.
func (c *Client) Transport() http.RoundTripper { return c.http.Transport }

// Call sends in as JSON, unless it is nil, and reads the answer into out, unless that is nil. An answer
// that is no success is an *Error.
func (c *Client) Call(ctx context.Context, method, path string, in, out any) error {
	res, err := c.send(ctx, method, path, in)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("reading the answer of identityd: %w", err)
	}
	if res.StatusCode >= http.StatusMultipleChoices {
		return refusal(res, raw)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(raw, out); err != nil {
		return fmt.Errorf("reading the answer of identityd: %w", err)
	}
	return nil
}

// Stream sends a request as Call does and returns the body of a success, which the caller closes.
func (c *Client) Stream(ctx context.Context, method, path string, in any) (io.ReadCloser, error) {
	res, err := c.send(ctx, method, path, in)
	if err != nil {
		return nil, err
	}
	if res.StatusCode < http.StatusMultipleChoices {
		return res.Body, nil
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return nil, fmt.Errorf("reading the answer of identityd: %w", err)
	}
	return nil, refusal(res, raw)
}

func (c *Client) send(ctx context.Context, method, path string, in any) (*http.Response, error) {
	var body io.Reader = http.NoBody
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			return nil, fmt.Errorf("asking identityd: %w", err)
		}
		body = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(ctx, method, Base+path, body)
	if err != nil {
		return nil, fmt.Errorf("asking identityd: %w", err)
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := c.http.Do(req)
	if err != nil {
		// Its URL is no address that anybody could use.
		var cause *url.Error
		if errors.As(err, &cause) {
			err = cause.Err
		}
		return nil, fmt.Errorf("asking identityd in %s: %w", c.dataDir, err)
	}
	return res, nil
}

func refusal(res *http.Response, raw []byte) error {
	var f failure
	if json.Unmarshal(raw, &f) != nil || f.Error.Reason == "" {
		return &Error{Status: res.StatusCode, Reason: "identityd answers " + res.Status}
	}
	return &Error{Status: res.StatusCode, Reason: f.Error.Reason}
}
