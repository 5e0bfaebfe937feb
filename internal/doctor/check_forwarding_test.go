package doctor

import (
	"context"
	"errors"
	"net/http"
	"testing"
)

func TestForwarding(t *testing.T) {
	for name, tt := range map[string]struct {
		seen *Arrival
		l    Level
		text string
	}{
		"nobody in between":                     {&Arrival{Peer: "127.0.0.1", Client: "127.0.0.1"}, OK, "whose request"},
		"a proxy that is trusted":               {&Arrival{Peer: "10.0.0.5", Client: "198.51.100.1", Trusted: true, Headers: []string{"X-Forwarded-For"}}, OK, "10.0.0.5 says whose"},
		"a proxy that is not":                   {&Arrival{Peer: "10.0.0.5", Client: "10.0.0.5", Headers: []string{"X-Forwarded-For", "X-Forwarded-Proto"}}, Warning, "by a proxy at 10.0.0.5 (it sends X-Forwarded-For, X-Forwarded-Proto), which is not trusted"},
		"a proxy that says nothing":             {&Arrival{Peer: "10.0.0.5", Client: "10.0.0.5", Trusted: true}, Warning, "does not say whose requests"},
		"a socket that nobody trusts":           {&Arrival{}, Warning, "by a socket"},
		"a socket of a proxy that says nothing": {&Arrival{Trusted: true}, Warning, "at the socket does not say whose requests"},
		"a socket of a proxy":                   {&Arrival{Client: "198.51.100.1", Trusted: true, Headers: []string{"X-Forwarded-For"}}, OK, "the proxy at the socket says whose"},
		"a request that another process took":   {nil, Skipped, "another process answers"},
	} {
		t.Run(name, func(t *testing.T) {
			got := ""
			s := running(written(t, "profile: development\n"), serving(t, func(_ http.ResponseWriter, r *http.Request) { got = r.Header.Get(ProbeHeader) }))
			s.Probe = Probe{
				Arm:  func(context.Context) (string, error) { return "word", nil },
				Seen: func(context.Context) (*Arrival, error) { return tt.seen, nil },
			}
			wants(t, look(t, s, forwarding()), tt.l, tt.text)
			if got != "word" {
				t.Errorf("got the word %q", got)
			}
		})
	}
	s := running(written(t, "profile: development\n"), "http://"+closedPort(t))
	s.Probe.Arm = func(context.Context) (string, error) { return "", errors.New("older") }
	wants(t, look(t, s, forwarding()), Skipped, "does not say: older")
}
