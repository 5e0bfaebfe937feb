package outbound

import (
	"errors"
	"net/http"
	"net/url"
	"testing"
)

func TestReachConnectsAndSaysNothing(t *testing.T) {
	asked := false
	s := serve(t, func(http.ResponseWriter, *http.Request) { asked = true })
	at, err := url.Parse(s.URL + "/logout")
	if err != nil {
		t.Fatal(err)
	}
	proxy := &url.URL{Scheme: "http", Host: "192.0.2.1:3128"}
	elsewhere := &url.URL{Scheme: "https", Host: "app.example.com"}
	for name, tt := range map[string]struct {
		cfg  Config
		at   *url.URL
		want Kind
	}{
		"an address that may be called":     {Config{Private: true}, at, ""},
		"one that may not":                  {Config{}, at, Private},
		"nothing behind an air gap":         {Config{Private: true, None: true}, at, AirGap},
		"one behind a proxy is the proxy's": {Config{Proxy: proxy}, elsewhere, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p, _ := policy(tt.cfg)
			err := p.Reach(t.Context(), tt.at)
			var refused *Refused
			if (tt.want == "") != (err == nil) || tt.want != "" && (!errors.As(err, &refused) || refused.Kind != tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if called := tt.want == "" && tt.cfg.Proxy == nil; called != (p.Dials() == 1) {
				t.Errorf("got %d dials", p.Dials())
			}
		})
	}
	s.Close() // waits for what it was asked
	if asked {
		t.Error("got a request, want a connection alone")
	}
	p, _ := policy(Config{Private: true})
	if err := p.Reach(t.Context(), at); err == nil {
		t.Error("got no error of a server that is gone")
	}
}
