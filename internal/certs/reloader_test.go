package certs_test

import (
	"context"
	"crypto/tls"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/identityd/internal/certs"
	"example.com/identityd/internal/certs/certtest"
	"example.com/identityd/internal/tried"
)

const (
	reloaded = "certificate reloaded"
	kept     = "new certificate cannot be used, the old one is kept"
)

func TestNewPairIsServedWithoutARestart(t *testing.T) {
	a := certtest.NewAuthority(t)
	f := newFiles(t, a.Issue(t, days(30), "localhost"))
	r, log := open(t, f)
	addr := serve(t, r.Config())
	if got, want := served(t, addr, a), days(30); got.Before(want.Add(-time.Minute)) || got.After(want) {
		t.Fatalf("got a certificate until %s, want %s", got, want)
	}
	f.write(t, a.Issue(t, days(90), "localhost"))
	r.Check(t.Context())
	got := served(t, addr, a)
	if want := days(90); got.Before(want.Add(-time.Minute)) || got.After(want) {
		t.Errorf("got a certificate until %s, want %s", got, want)
	}
	if !r.NotAfter().Equal(got) {
		t.Errorf("NotAfter says %s, want %s", r.NotAfter(), got)
	}
	r.Check(t.Context())
	if got := log.count(reloaded); got != 1 {
		t.Errorf("got %d notices, want one for one change", got)
	}
}

func TestWatchPicksUpANewPair(t *testing.T) {
	a := certtest.NewAuthority(t)
	f := newFiles(t, a.Issue(t, days(30), "localhost"))
	r, _ := open(t, f)
	r.Interval = time.Millisecond
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.Watch(ctx) }()
	before := r.NotAfter()
	f.write(t, a.Issue(t, days(90), "localhost"))
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	deadline := time.After(time.Minute)
	for r.NotAfter().Equal(before) {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("the new pair was not picked up")
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Errorf("watching: %v", err)
	}
}

func TestBrokenPairKeepsTheOldOne(t *testing.T) {
	a := certtest.NewAuthority(t)
	other := a.Issue(t, days(60), "localhost")
	tests := map[string]func(t *testing.T, f files){
		"when it is no PEM":         func(t *testing.T, f files) { replace(t, f.cert, []byte("half a certif")) },
		"when it is empty":          func(t *testing.T, f files) { replace(t, f.key, nil) },
		"when the key is another":   func(t *testing.T, f files) { replace(t, f.key, other.Key) },
		"when only one file came":   func(t *testing.T, f files) { replace(t, f.cert, other.Cert) },
		"when the certificate went": func(t *testing.T, f files) { remove(t, f.cert) },
		"when the key went":         func(t *testing.T, f files) { remove(t, f.key) },
	}
	for name, spoil := range tests {
		t.Run(name, func(t *testing.T) {
			first := a.Issue(t, days(30), "localhost")
			f := newFiles(t, first)
			r, log := open(t, f)
			addr := serve(t, r.Config())
			want := served(t, addr, a)
			spoil(t, f)
			for range 3 {
				r.Check(t.Context())
			}
			if got := served(t, addr, a); !got.Equal(want) {
				t.Errorf("got a certificate until %s, want the old one until %s", got, want)
			}
			if got := log.count(kept); got != 1 {
				t.Errorf("got %d complaints in three looks, want one", got)
			}
			f.write(t, other)
			r.Check(t.Context())
			if got := log.count(reloaded); got != 1 || served(t, addr, a).Equal(want) {
				t.Errorf("got %d reloads, want one once the pair is whole again", got)
			}
			spoil(t, f)
			if name == "when the key is another" || name == "when only one file came" {
				return // the other pair is the one that is served by now
			}
			r.Check(t.Context())
			if got := log.count(kept); got != 2 {
				t.Errorf("got %d complaints, want a second one for a second time", got)
			}
		})
	}
}

// A key that may not be read changes neither time nor size when it is permitted; tests may run as
// root, who reads everything, so its content stands for the permission here.
func TestBrokenPairThatIsMendedWithoutATraceIsServed(t *testing.T) {
	a := certtest.NewAuthority(t)
	f := newFiles(t, a.Issue(t, days(30), "localhost"))
	r, log := open(t, f)
	next := a.Issue(t, days(90), "localhost")
	replace(t, f.cert, next.Cert)
	at := time.Now().Add(-time.Hour)
	for _, key := range [][]byte{make([]byte, len(next.Key)), next.Key} {
		if err := os.WriteFile(f.key, key, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(f.key, at, at); err != nil {
			t.Fatal(err)
		}
		r.Check(t.Context())
	}
	if log.count(kept) != 1 || log.count(reloaded) != 1 {
		t.Errorf("got %d complaints and %d reloads, want one of each", log.count(kept), log.count(reloaded))
	}
}

func TestFilesThatComeBackEndTheComplaint(t *testing.T) {
	a := certtest.NewAuthority(t)
	f := newFiles(t, a.Issue(t, days(30), "localhost"))
	r, log := open(t, f)
	for range 2 {
		rename(t, f.key, f.key+".away")
		r.Check(t.Context())
		rename(t, f.key+".away", f.key)
		r.Check(t.Context())
	}
	if got := log.count(kept); got != 2 {
		t.Errorf("got %d complaints, want one for each time the key was away", got)
	}
}

func TestSwappedLinkIsSeenWhateverItsTimes(t *testing.T) {
	a := certtest.NewAuthority(t)
	old := newFiles(t, a.Issue(t, days(30), "localhost"))
	next := newFiles(t, a.Issue(t, days(90), "localhost"))
	at := time.Now().Add(-time.Hour)
	for _, name := range []string{old.cert, old.key, next.cert, next.key} {
		if err := os.Chtimes(name, at, at); err != nil {
			t.Fatal(err)
		}
	}
	// As Kubernetes mounts a secret: the files are links through a directory that is swapped.
	dir := t.TempDir()
	data := filepath.Join(dir, "..data")
	link(t, filepath.Dir(old.cert), data)
	r, log := open(t, files{cert: filepath.Join(data, "tls.crt"), key: filepath.Join(data, "tls.key")})
	before := r.NotAfter()
	r.Check(t.Context())
	if got := log.count(reloaded); got != 0 {
		t.Fatalf("got %d reloads without a change, want none", got)
	}
	remove(t, data)
	link(t, filepath.Dir(next.cert), data)
	r.Check(t.Context())
	if !r.NotAfter().After(before) {
		t.Errorf("got a certificate until %s, want the swapped one", r.NotAfter())
	}
}

func TestOpenRefuses(t *testing.T) {
	a := certtest.NewAuthority(t)
	one, two := a.Issue(t, days(30), "localhost"), a.Issue(t, days(30), "localhost")
	tests := map[string]struct {
		pair certtest.Pair
		gone bool
		want string
	}{
		"a key of another certificate": {
			pair: certtest.Pair{Cert: one.Cert, Key: two.Key},
			want: "tls: private key does not match public key",
		},
		"the two files in the wrong order": {
			pair: certtest.Pair{Cert: one.Key, Key: one.Cert},
			want: "tls: failed to find certificate PEM data in certificate input, " +
				"but did find a private key; PEM inputs may have been switched",
		},
		"a file that is not there": {pair: one, gone: true, want: "no such file or directory"},
		"an empty file":            {want: "tls: failed to find any PEM data in certificate input"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f := newFiles(t, tt.pair)
			if tt.gone {
				remove(t, f.key)
				tt.want = "open " + f.key + ": " + tt.want
			}
			log, _ := newLog()
			_, err := certs.Open(f.cert, f.key, log)
			want := `loading the certificate "` + f.cert + `" with the key "` + f.key + `": ` + tt.want
			if err == nil || err.Error() != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		})
	}
}

func TestProtocols(t *testing.T) {
	a := certtest.NewAuthority(t)
	r, _ := open(t, newFiles(t, a.Issue(t, days(30), "localhost")))
	addr := serve(t, r.Config())
	client := &http.Client{Transport: &http.Transport{
		TLSClientConfig:   &tls.Config{RootCAs: a.Pool(), ServerName: "localhost"},
		ForceAttemptHTTP2: true,
	}}
	defer client.CloseIdleConnections()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+addr, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if got, want := res.Header.Get("Protocol"), "HTTP/2.0"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for name, tt := range map[string]struct {
		max  uint16
		want bool
	}{
		"TLS 1.1 is refused": {tls.VersionTLS11, false},
		"TLS 1.2 is spoken":  {tls.VersionTLS12, true},
		"TLS 1.3 is spoken":  {tls.VersionTLS13, true},
	} {
		t.Run(name, func(t *testing.T) {
			d := tls.Dialer{Config: &tls.Config{
				RootCAs: a.Pool(), ServerName: "localhost", MinVersion: tls.VersionTLS10, MaxVersion: tt.max,
			}}
			c, err := d.DialContext(t.Context(), "tcp", addr)
			if err == nil {
				c.Close()
			}
			if (err == nil) != tt.want {
				t.Errorf("got the error %v, want a connection: %t", err, tt.want)
			}
		})
	}
}

func remove(t *testing.T, name string) {
	t.Helper()
	if err := os.Remove(name); err != nil {
		t.Fatal(err)
	}
}

func rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

func link(t *testing.T, to, name string) {
	t.Helper()
	if err := os.Symlink(to, name); err != nil {
		t.Fatal(err)
	}
}

// TestOnlySealingCiphersAreTaken shows that Go's own list takes what ours refuses.
func TestOnlySealingCiphersAreTaken(t *testing.T) {
	a := certtest.NewAuthority(t)
	r, _ := open(t, newFiles(t, a.Issue(t, days(30), "localhost")))
	upstream := r.Config()
	upstream.CipherSuites = nil
	taken := map[string]int{}
	for name, config := range map[string]*tls.Config{"ours": r.Config(), "Go's own": upstream} {
		addr := serve(t, config)
		for _, suite := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
			if !strings.Contains(suite.Name, "CBC") && !strings.HasPrefix(suite.Name, "TLS_RSA_") {
				continue
			}
			d := tls.Dialer{Config: &tls.Config{
				RootCAs: a.Pool(), ServerName: "localhost", MinVersion: tls.VersionTLS12, MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{suite.ID},
			}}
			if c, err := d.DialContext(t.Context(), "tcp", addr); err == nil {
				c.Close()
				taken[name]++
			}
		}
	}
	if taken["ours"] != 0 || taken["Go's own"] == 0 {
		t.Errorf("got %v taken, want none of ours and some of Go's own", taken)
	}
	tried.Report(t, "TLS 1.2 with ciphers in CBC mode or without forward secrecy", "%d taken; by Go's own list %d", taken["ours"], taken["Go's own"])
}
