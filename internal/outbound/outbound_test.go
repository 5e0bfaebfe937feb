package outbound

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/tried"
)

// target is a server that counts who connects.
type target struct {
	*httptest.Server
	connected atomic.Int32
}

func serve(t *testing.T, h http.HandlerFunc) *target {
	t.Helper()
	s := &target{Server: httptest.NewUnstartedServer(h)}
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			s.connected.Add(1)
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	return s
}

func (s *target) at() netip.AddrPort { return netip.MustParseAddrPort(s.Listener.Addr().String()) }

func hello(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "hello") } //nolint:errcheck // the test notices

type outcome struct {
	Body string
	Kind Kind
	Err  string
}

func call(t *testing.T, p *Policy, address string) outcome {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	rt := p.Transport("test")
	defer rt.(*transport).direct.CloseIdleConnections()
	res, err := (&http.Client{Transport: rt}).Do(req)
	var body []byte
	if err == nil {
		body, err = io.ReadAll(res.Body)
		res.Body.Close()
	}
	out := outcome{Body: string(body)}
	if refused := (*Refused)(nil); errors.As(err, &refused) {
		out.Kind = refused.Kind
	}
	if err != nil {
		out.Err = err.Error()
	}
	return out
}

func policy(cfg Config) (*Policy, *bytes.Buffer) {
	log := &bytes.Buffer{}
	cfg.Log = slog.New(slog.NewTextHandler(log, nil))
	return New(cfg), log
}

func TestAddresses(t *testing.T) {
	want := map[string]Kind{
		"8.8.8.8": "", "2606:4700::1111": "", "64:ff9b::808:808": "",
		"127.0.0.1": Private, "127.8.8.8": Private, "::1": Private, "::ffff:127.0.0.1": Private, "64:ff9b::7f00:1": Private,
		"10.0.0.1": Private, "172.31.255.255": Private, "192.168.0.1": Private, "fc00::1": Private, "fdff::1": Private,
		"100.64.0.1": Private, "::ffff:10.1.2.3": Private, "64:ff9b::a00:1": Private,
		"169.254.169.254": Metadata, "::ffff:169.254.169.254": Metadata, "64:ff9b::a9fe:a9fe": Metadata, "fd00:ec2::254": Metadata,
		"100.100.100.200": Metadata, "168.63.129.16": Metadata, "192.0.0.192": Metadata,
		"169.254.1.1": Reserved, "fe80::1": Reserved, "fec0::1": Reserved, "0.0.0.0": Reserved, "::": Reserved, "0.1.2.3": Reserved,
		"224.0.0.1": Reserved, "ff02::1": Reserved, "255.255.255.255": Reserved, "240.0.0.1": Reserved, "198.18.0.1": Reserved,
		"192.0.2.1": Reserved, "2001:db8::1": Reserved, "2002:7f00:1::": Reserved, "2001::1": Reserved, "::127.0.0.1": Reserved,
		"64:ff9b:1::7f00:1": Reserved, "100::1": Reserved,
	}
	got := map[string]Kind{}
	for text := range want {
		got[text] = classify(plain(netip.MustParseAddr(text)))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("addresses are judged wrong (-want +got):\n%s", diff)
	}
	tried.Report(t, "addresses of loopback, private, metadata and reserved space in every notation", "%d of %d told apart as they should",
		len(got), len(want))
}

func TestWhatMayBeCalled(t *testing.T) {
	s := serve(t, hello)
	_, port, _ := net.SplitHostPort(s.at().String())
	host := Rule{Host: "localhost"}
	network := Rule{Prefix: netip.MustParsePrefix("127.0.0.0/8")}
	for name, tt := range map[string]struct {
		cfg     Config
		address string
		want    Kind
	}{
		"a private address is refused":                              {Config{}, s.URL, Private},
		"a name that resolves to one is refused":                    {Config{}, "http://localhost:" + port, Private},
		"a private address is called where they are allowed":        {Config{Private: true}, s.URL, ""},
		"a name in the list is called":                              {Config{Allow: []Rule{host}}, "http://LOCALHOST:" + port, ""},
		"a name in the list does not admit the address itself":      {Config{Allow: []Rule{host}}, s.URL, Private},
		"a network in the list is called":                           {Config{Allow: []Rule{network}}, s.URL, ""},
		"a name with another port is refused":                       {Config{Allow: []Rule{{Host: "localhost", Port: 9}}}, "http://localhost:" + port, Private},
		"a listener of this process is refused whatever is allowed": {Config{Private: true, Allow: []Rule{host, network}, Own: []netip.AddrPort{s.at()}}, s.URL, OwnListener},
		"so is one on all addresses": {
			Config{Private: true, Own: []netip.AddrPort{netip.AddrPortFrom(netip.IPv6Unspecified(), s.at().Port())}}, s.URL, OwnListener,
		},
		"so is its unspecified address":                                       {Config{Private: true, Own: []netip.AddrPort{s.at()}}, "http://0.0.0.0:" + port, OwnListener},
		"nothing is called where nothing leaves":                              {Config{Private: true, None: true}, s.URL, AirGap},
		"the metadata service is refused where private addresses are allowed": {Config{Private: true}, "http://169.254.169.254/", Metadata},
		"another scheme is refused":                                           {Config{Private: true}, "ftp://127.0.0.1", Scheme},
		"an address in another notation is refused":                           {Config{}, "http://[::ffff:127.0.0.1]:" + port, Private},
	} {
		t.Run(name, func(t *testing.T) {
			before := s.connected.Load()
			p, log := policy(tt.cfg)
			got := call(t, p, tt.address)
			if got.Kind != tt.want {
				t.Errorf("got %+v, want kind %q", got, tt.want)
			}
			if tt.want == "" {
				if got.Body != "hello" || p.Dials() == 0 {
					t.Errorf("got %+v and %d dials, want the answer", got, p.Dials())
				}
				return
			}
			if s.connected.Load() != before || p.Dials() != 0 || p.Refusals() != 1 {
				t.Errorf("got %d connections, %d dials, %d refusals; want none, none and one", s.connected.Load()-before, p.Dials(), p.Refusals())
			}
			if !strings.Contains(log.String(), "kind="+string(tt.want)) || !strings.Contains(log.String(), "cure=") {
				t.Errorf("got the log %s, want the kind and a cure", log)
			}
			for _, address := range []string{"dial", "tcp", "[::1]:", "lookup"} {
				if strings.Contains(strings.TrimPrefix(got.Err, `Get "`+tt.address), address) {
					t.Errorf("got %q, which tells what happened", got.Err)
				}
			}
		})
	}
}

func TestAnswersAreBounded(t *testing.T) {
	large := make([]byte, MaxBody+1)
	release := make(chan struct{})
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/fits":
			w.Write(large[:MaxBody])
		case "/large":
			w.(http.Flusher).Flush() // without a length
			w.Write(large)
		case "/announced":
			w.Header().Set("Content-Length", "10485761")
			w.Write(large)
		case "/slow":
			w.(http.Flusher).Flush()
			<-release
		case "/silent":
			<-release
		}
	})
	t.Cleanup(func() { close(release) })
	for path, want := range map[string]Kind{"/fits": "", "/large": TooLarge, "/announced": TooLarge, "/slow": TooSlow, "/silent": TooSlow} {
		t.Run("an answer at "+path, func(t *testing.T) {
			timeout := time.Minute
			if want == TooSlow {
				timeout = 200 * time.Millisecond
			}
			p, _ := policy(Config{Private: true, Timeout: timeout})
			got := call(t, p, s.URL+path)
			if got.Kind != want || len(got.Body) > MaxBody || want == "" && len(got.Body) != MaxBody {
				t.Errorf("got %q (%s) after %d bytes, want %q", got.Kind, got.Err, len(got.Body), want)
			}
		})
	}
}

func TestRedirectsAreJudgedHopByHop(t *testing.T) {
	inner := serve(t, hello)
	var outer *target
	outer = serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/in":
			http.Redirect(w, r, strings.Replace(inner.URL, "127.0.0.1", "localhost", 1), http.StatusFound)
		case "/round":
			http.Redirect(w, r, outer.URL+"/round", http.StatusFound)
		case "/once":
			http.Redirect(w, r, outer.URL+"/", http.StatusFound)
		default:
			hello(w, r)
		}
	})
	cfg := Config{Allow: []Rule{{Prefix: netip.PrefixFrom(outer.at().Addr(), 32), Port: outer.at().Port()}}}
	for path, want := range map[string]Kind{"/in": Private, "/round": Redirects, "/once": ""} {
		p, _ := policy(cfg)
		if got := call(t, p, outer.URL+path); got.Kind != want {
			t.Errorf("%s: got %+v, want %q", path, got, want)
		}
	}
	if n := inner.connected.Load(); n != 0 {
		t.Errorf("got %d connections at the private target, want none", n)
	}
}

func TestARedirectFromHTTPSToHTTPIsRefused(t *testing.T) {
	secure := &http.Request{URL: &url.URL{Scheme: "https", Host: "a.example"}}
	plain := &http.Request{URL: &url.URL{Scheme: "http", Host: "b.example"}, Response: &http.Response{Request: secure}}
	if got := followed(plain); got != Downgrade {
		t.Errorf("got %q, want %q", got, Downgrade)
	}
	secure.Response = &http.Response{Request: &http.Request{URL: &url.URL{Scheme: "http", Host: "b.example"}}}
	if got := followed(secure); got != "" {
		t.Errorf("got %q for the other direction, want nothing", got)
	}
}

func TestAForwardProxy(t *testing.T) {
	var asked atomic.Pointer[url.URL]
	proxy := serve(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Store(r.URL)
		io.WriteString(w, "by proxy "+r.Header.Get("Proxy-Authorization")) //nolint:errcheck // the test notices
	})
	inner := serve(t, hello)
	t.Setenv("HTTP_PROXY", "http://192.0.2.1:1") // nobody reads it
	at, err := url.Parse("http://me:hunter2@" + proxy.at().String())
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{Proxy: at, Allow: []Rule{{Host: "localhost", Port: inner.at().Port()}}}
	t.Run("a public name goes to the proxy, which looks it up", func(t *testing.T) {
		p, log := policy(cfg)
		got := call(t, p, "http://idp.example/keys")
		if !strings.HasPrefix(got.Body, "by proxy Basic ") || asked.Load().Host != "idp.example" {
			t.Errorf("got %+v, asked for %v", got, asked.Load())
		}
		if strings.Contains(log.String(), "hunter2") {
			t.Errorf("got the password in the log: %s", log)
		}
	})
	t.Run("what is listed is called without it", func(t *testing.T) {
		p, _ := policy(cfg)
		if got := call(t, p, "http://localhost:"+inner.URL[strings.LastIndex(inner.URL, ":")+1:]); got.Body != "hello" {
			t.Errorf("got %+v, want the answer of the server itself", got)
		}
	})
	for _, address := range []string{"http://127.0.0.1:1/", "http://[::ffff:10.0.0.1]/", "http://localhost:1/", "http://a.localhost/"} {
		t.Run("a private address is not handed to it: "+address, func(t *testing.T) {
			before := proxy.connected.Load()
			p, _ := policy(cfg)
			if got := call(t, p, address); got.Kind != Private || proxy.connected.Load() != before {
				t.Errorf("got %+v, want it refused", got)
			}
		})
	}
}

func TestAFailureTellsNobodyWhy(t *testing.T) {
	const closed = "127.0.0.1:1" // a port that was free a moment ago may be somebody else's
	texts := map[string]bool{}
	for _, address := range []string{"http://" + closed + "/", "http://no-such-host.invalid/"} {
		p, log := policy(Config{Private: true})
		got := call(t, p, address)
		texts[strings.TrimPrefix(got.Err, `Get "`+address)] = true
		if got.Err == "" || p.Refusals() != 0 || !strings.Contains(log.String(), "outgoing call failed") {
			t.Errorf("%s: got %+v and the log %s", address, got, log)
		}
	}
	if len(texts) != 1 {
		t.Errorf("got %v, want one text for a closed port and for an unknown name", texts)
	}
}

func TestNothingIsBoundWithoutTheGuard(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.Write(make([]byte, MaxBody+1)) })
	p, _ := policy(Config{None: true, Own: []netip.AddrPort{s.at()}, Unguarded: true})
	if got := call(t, p, s.URL); len(got.Body) != MaxBody+1 {
		t.Errorf("got %q after %d bytes, want everything: the tests above would prove nothing", got.Kind, len(got.Body))
	}
}

func TestANameMayEndInADot(t *testing.T) {
	p, _ := policy(Config{Allow: []Rule{{Host: "idp.example.com", Port: 443}}})
	if !p.allowsHost("IdP.example.com.", 443) || p.allowsHost("x.idp.example.com", 443) || p.allowsHost("idp.example.com", 80) {
		t.Error("got another name or port, want the one in the list")
	}
}

func TestARefusalIsTheSameWhateverWasFound(t *testing.T) {
	texts := map[string]bool{}
	for _, kind := range []Kind{OwnListener, Private, Metadata, Reserved, AirGap, Scheme} {
		texts[hide(&net.OpError{Op: "dial", Addr: &net.TCPAddr{IP: net.IPv4(10, 0, 0, 1)}, Err: &Refused{kind}}).Error()] = true
	}
	if len(texts) != 1 {
		t.Errorf("got %v, want one text", texts)
	}
	if err := hide(context.Canceled); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
