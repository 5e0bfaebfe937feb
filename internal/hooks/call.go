package hooks

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// maxAnswer is how much of an answer is read.
const maxAnswer = 64 << 10

// StatusError is an answer that is none of those that are wanted.
type StatusError struct{ Status int }

// Error implements error.
func (e *StatusError) Error() string {
	return fmt.Sprintf("answered with status %d, want 200 or 204", e.Status)
}

var (
	errTimeout  = errors.New("did not answer in time")
	errTooLarge = errors.New("answered with more than 64 KiB")
)

// call makes one call, and returns status and body of the answer.
func (h *Hooks) call(ctx context.Context, hook *Hook, id string, body []byte) (status int, answer []byte, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, hook.Timeout, errTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, hook.URL, bytes.NewReader(body))
	if err != nil {
		return 0, nil, fmt.Errorf("making the call: %w", err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", h.cfg.Agent)
	sign(r.Header, hook.Keys, id, time.Now(), body)
	res, err := h.client.Do(r)
	if err != nil {
		return 0, nil, why(ctx, err)
	}
	defer res.Body.Close()
	answer, err = io.ReadAll(io.LimitReader(res.Body, maxAnswer+1))
	if err != nil {
		return res.StatusCode, nil, why(ctx, err)
	}
	if len(answer) > maxAnswer {
		return res.StatusCode, nil, errTooLarge
	}
	return res.StatusCode, answer, nil
}

// why words a failure without the address, which is in the configuration, and may hold what is secret.
func why(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	var at interface{ Unwrap() error }
	if errors.As(err, &at) { // *url.Error, which begins with the address
		if inner := at.Unwrap(); inner != nil {
			err = inner
		}
	}
	return fmt.Errorf("could not be reached: %w", err)
}

func good(status int) bool { return status >= 200 && status < 300 }
