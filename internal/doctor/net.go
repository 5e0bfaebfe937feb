package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"

	"example.com/identityd/internal/senderdomain"
)

// Net is the network that is asked. Its zero value is that of this machine; tests put their own.
type Net struct {
	// Resolver is the name server; nil is the system's.
	Resolver senderdomain.Resolver
	// Roots are the authorities that are trusted; nil is the system's.
	Roots *x509.CertPool
	// Dial connects; nil is the system's way.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

func (n Net) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if n.Dial == nil {
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}
	return n.Dial(ctx, network, address)
}

func (n Net) resolver() senderdomain.Resolver {
	if n.Resolver == nil {
		return net.DefaultResolver
	}
	return n.Resolver
}

// public is an address that browsers use.
type public struct {
	// word is where it is written, listener the part that answers there, as in listen:.
	word, listener string
	// name is ui, hydra or kratos.
	name string
	url  *url.URL
	raw  string
}

func (p public) host() string { return p.url.Hostname() }

// addr is host:port.
func (p public) addr() string {
	port := p.url.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[p.url.Scheme]
	}
	return net.JoinHostPort(p.host(), port)
}

// local says that only this machine is meant.
func (p public) local() bool { return isLocal(p.host()) }

func isLocal(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || strings.HasSuffix(strings.ToLower(host), ".localhost") || ip != nil && ip.IsLoopback()
}

// publics are the addresses in force: what the running process says, or else what the file does. One that
// follows from a listener with a free port is known to the process alone.
func (s *Subject) publics() []public {
	c := s.Config
	given := []struct{ word, listener, name, raw string }{
		{"urls.ui", "ui", "ui", c.URLs.UI}, {"urls.hydra", "hydra_public", "hydra", c.URLs.Hydra}, {"urls.kratos", "kratos_public", "kratos", c.URLs.Kratos},
	}
	var out []public
	for _, one := range given {
		if c.OneOrigin() {
			one.word, one.raw = "origin", c.Origin
			if !c.Listen.Gateway.Off() {
				one.listener = "gateway"
			}
		}
		if s.Process != nil && s.Process.URLs[one.name] != "" {
			one.raw = s.Process.URLs[one.name]
		}
		u, err := url.Parse(one.raw)
		if one.raw == "" || err != nil || u.Hostname() == "" {
			continue
		}
		out = append(out, public{one.word, one.listener, one.name, u, one.raw})
	}
	return out
}

// places are the publics, each scheme, host and port once.
func (s *Subject) places() []public {
	var out []public
	seen := map[string]bool{}
	for _, p := range s.publics() {
		if at := p.url.Scheme + p.addr(); !seen[at] {
			seen[at] = true
			out = append(out, p)
		}
	}
	return out
}

// issuer is the address of Hydra, verbatim; nil where it is not known.
func (s *Subject) issuer() *public {
	for _, p := range s.publics() {
		if p.name == "hydra" {
			return &p
		}
	}
	return nil
}

// answer is what somebody said, as far as it is read.
type answer struct {
	status   int
	header   http.Header
	body     []byte
	location string
}

// most is how much of an answer is read.
const most = 1 << 20

// ask makes one request as an application would, and follows nothing. The certificate is taken as it is: the
// checks of certificates judge it.
func (n Net) ask(ctx context.Context, method, address string, header http.Header) (answer, error) {
	transport := &http.Transport{
		TLSClientConfig: unverified(), DisableKeepAlives: true, ForceAttemptHTTP2: true,
		DialContext: n.dial,
	}
	client := &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	req, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return answer{}, err
	}
	for name, values := range header {
		req.Header[name] = values
	}
	res, err := client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, most))
	return answer{res.StatusCode, res.Header, body, res.Header.Get("Location")}, err
}

// unreached says in words why nobody answered.
func unreached(err error) string {
	var (
		dns     *net.DNSError
		timeout net.Error
		record  tls.RecordHeaderError
	)
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return fmt.Sprintf("the name %s is not found", dns.Name)
	case errors.As(err, &dns):
		return fmt.Sprintf("the name server does not answer for %s", dns.Name)
	case errors.Is(err, syscall.ECONNREFUSED):
		return "nothing listens there"
	case errors.As(err, &record):
		return "it does not speak TLS"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "it does not answer in time"
	}
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner // what is around it names the address once more, or hides it
	}
	return err.Error()
}
