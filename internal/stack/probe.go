package stack

import (
	"crypto/rand"
	"crypto/subtle"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"example.com/identityd/internal/control"
	"example.com/identityd/internal/doctor"
)

// probeLife is how long one request is waited for.
const probeLife = 10 * time.Second

// probe is a request that identityd doctor sends the way that browsers go. Its word was given out through the
// control socket, so that nobody else can be taken for it.
type probe struct {
	word  string
	until time.Time
	seen  atomic.Pointer[doctor.Arrival]
}

// probed notes how the request that is waited for arrives. It stands in front of what rewrites headers, and
// costs everybody else one load.
func (s *Stack) probed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p := s.probe.Load(); p != nil {
			s.noteProbe(p, r)
		}
		next.ServeHTTP(w, r)
	})
}

func (s *Stack) noteProbe(p *probe, r *http.Request) {
	switch {
	case time.Now().After(p.until):
		s.probe.CompareAndSwap(p, nil)
		return
	case subtle.ConstantTimeCompare([]byte(r.Header.Get(doctor.ProbeHeader)), []byte(p.word)) != 1:
		return
	}
	a := doctor.Arrival{Headers: []string{}}
	if peer, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		addr := peer.Addr().Unmap()
		a.Peer, a.Trusted = addr.String(), s.clients.Proxy(addr)
	} else {
		_, a.Trusted = s.cfg.Proxy.Networks()
	}
	if client := s.clients.Of(r.RemoteAddr, r.Header); client.IsValid() {
		a.Client = client.String()
	}
	for name := range r.Header {
		if strings.HasPrefix(name, "X-Forwarded-") || slices.Contains([]string{"Forwarded", "X-Real-Ip", "True-Client-Ip", "Cf-Connecting-Ip", "Via"}, name) {
			a.Headers = append(a.Headers, name)
		}
	}
	slices.Sort(a.Headers)
	p.seen.Store(&a)
}

// serveProbe waits for a request, or says how it came.
func (s *Stack) serveProbe(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPost {
		p := &probe{word: rand.Text(), until: time.Now().Add(probeLife)}
		s.probe.Store(p)
		control.JSON(w, map[string]string{"word": p.word})
		return
	}
	var seen *doctor.Arrival
	if p := s.probe.Swap(nil); p != nil {
		seen = p.seen.Load()
	}
	control.JSON(w, map[string]*doctor.Arrival{"arrival": seen})
}
