package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

const maxPageSize = 4 << 20

// newClient follows no redirects by itself: the browser judges each one, and the application's own
// requests have no business being redirected.
func newClient(transport http.RoundTripper) *http.Client {
	return &http.Client{
		Transport: transport,
		Timeout:   time.Minute,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}
}

// reply is an answer that has been read to its end.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// roundTrip strips a url.Error of its address, which may carry secrets.
func roundTrip(client *http.Client, req *http.Request) (reply, error) {
	res, err := client.Do(req)
	if err != nil {
		if address := (*url.Error)(nil); errors.As(err, &address) {
			err = address.Err
		}
		return reply{}, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxPageSize))
	if err != nil {
		return reply{}, fmt.Errorf("reading the answer: %w", err)
	}
	return reply{status: res.StatusCode, header: res.Header, body: body}, nil
}
