package hooks

import (
	"context"
	"errors"
	"time"
)

// Tried is what became of a test.
type Tried struct {
	Hook  string `json:"hook"`
	Event Event  `json:"event"`
	// ID, Timestamp and Signature are what the receiver was sent in its headers.
	ID string `json:"id"`
	// Status is that of the answer; 0 without one.
	Status int `json:"status,omitempty"`
	// Took is how long it took, in milliseconds.
	Took int64 `json:"took_ms"`
	// OK says that the receiver does what it has to.
	OK bool `json:"ok"`
	// Refused says that it answered a question by no, which is an answer.
	Refused bool `json:"refused,omitempty"`
	// Problem and Cure say what is wrong, and what to do.
	Problem string `json:"problem,omitempty"`
	Cure    string `json:"cure,omitempty"`
}

// ErrNoHook says that no hook has a name.
var ErrNoHook = errors.New("there is no hook of this name")

// Test sends a test event to a hook, signed as others are. Nothing is written down, nothing repeated.
func (h *Hooks) Test(ctx context.Context, name string, e Event) (Tried, error) {
	hook := h.named(name)
	if hook == nil {
		return Tried{}, ErrNoHook
	}
	if e == "" {
		e = hook.On[0]
	}
	out := Tried{Hook: hook.Name, Event: e, ID: newID()}
	body, err := hook.body(out.ID, e, time.Now(), Occasion{Subject: "00000000-0000-0000-0000-000000000000"}, true)
	if err != nil {
		return out, err
	}
	began := time.Now()
	status, answer, err := h.call(ctx, hook, out.ID, body)
	out.Status, out.Took = status, time.Since(began).Milliseconds()
	switch {
	case err != nil:
		out.Problem, out.Cure = "it "+short(err.Error()), cureOf(err)
	case e.Decides():
		v, err := judge(name, status, answer)
		out.OK, out.Refused = err == nil, err == nil && v.Refused()
		if err != nil {
			out.Problem, out.Cure = "it "+err.Error(), cureOfStatus(status)
		}
	case good(status):
		out.OK = true
	default:
		out.Problem, out.Cure = "it "+(&StatusError{status}).Error(), cureOfStatus(status)
	}
	return out, nil
}

func cureOf(err error) string {
	if errors.Is(err, errTimeout) {
		return "have it answer first and work afterwards, or raise timeout"
	}
	return "see that it runs, that its name resolves from here, and that outbound lets calls to it through"
}

func cureOfStatus(status int) string {
	switch {
	case status == 401 || status == 403:
		return "it may not find the signature right: give it the secret of secret_file, and have it sign the bytes of the body as they came"
	case status == 404 || status == 405:
		return "see that url is the address that takes POST"
	case status >= 300 && status < 400:
		return "write the address that it leads to into url: redirects are not followed"
	case status >= 500:
		return "its own log says why"
	}
	return "have it answer 204 once it has taken the call"
}
