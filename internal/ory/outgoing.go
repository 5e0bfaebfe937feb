package ory

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// outgoingBound ends a call with all its redirects. Twice it, and the pause between, is less than a request
// may take: the engines fetch documents while somebody waits.
const outgoingBound = 11 * time.Second

// Outgoing returns what both engines call an HTTP client, over a transport of ours. A client of its own for each
// call: Kratos' web hooks write into theirs. What is refused for good is not tried again, and nothing more than
// once; upstream tries three times, up to 30 seconds each.
//
// Without a transport it refuses everything: net/http would take one of its own.
func Outgoing(transport http.RoundTripper) *retryablehttp.Client {
	if transport == nil {
		transport = nowhere{}
	}
	return &retryablehttp.Client{
		HTTPClient:   &http.Client{Transport: transport, Timeout: outgoingBound},
		RetryMax:     1,
		RetryWaitMin: time.Second,
		RetryWaitMax: 2 * time.Second,
		Backoff:      retryablehttp.DefaultBackoff,
		CheckRetry: func(ctx context.Context, res *http.Response, err error) (bool, error) {
			var p interface{ Permanent() bool }
			if errors.As(err, &p) && p.Permanent() {
				return false, err
			}
			return retryablehttp.DefaultRetryPolicy(ctx, res, err)
		},
	}
}

type nowhere struct{}

// RoundTrip implements http.RoundTripper.
func (nowhere) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		r.Body.Close()
	}
	return nil, errNowhere
}

var errNowhere = errors.New("no way out was given")
