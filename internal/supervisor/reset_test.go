package supervisor_test

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"example.com/identityd/internal/supervisor"
	"example.com/identityd/internal/tried"
)

// TestRapidResetsRunFewHandlers opens and resets streams as fast as it can (CVE-2023-44487).
func TestRapidResetsRunFewHandlers(t *testing.T) {
	const streams, most = 5000, 100
	certified := httptest.NewUnstartedServer(nil)
	certified.EnableHTTP2 = true
	certified.StartTLS()
	defer certified.Close()
	var inside, peak, all atomic.Int64
	release := make(chan struct{})
	address := serving(t, supervisor.Server{
		TLS: &tls.Config{Certificates: certified.TLS.Certificates, MinVersion: tls.VersionTLS12},
		Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			all.Add(1)
			for now := inside.Add(1); ; {
				if was := peak.Load(); now <= was || peak.CompareAndSwap(was, now) {
					break
				}
			}
			<-release // a handler that does not notice
			inside.Add(-1)
		}),
	})
	d := tls.Dialer{Config: &tls.Config{
		NextProtos: []string{"h2"}, MinVersion: tls.VersionTLS12, RootCAs: certified.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs, ServerName: "example.com",
	}}
	conn, err := d.DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	if _, err := io.WriteString(conn, http2.ClientPreface); err != nil {
		t.Fatal(err)
	}
	framer := http2.NewFramer(conn, conn)
	if err := framer.WriteSettings(); err != nil {
		t.Fatal(err)
	}
	var header bytes.Buffer
	enc := hpack.NewEncoder(&header)
	for _, f := range [][2]string{{":method", "GET"}, {":path", "/"}, {":scheme", "https"}, {":authority", "a"}} {
		if err := enc.WriteField(hpack.HeaderField{Name: f[0], Value: f[1]}); err != nil {
			t.Fatal(err)
		}
	}
	block := bytes.Clone(header.Bytes())
	ended := make(chan error, 1)
	offered := make(chan uint32, 1)
	go func() {
		for {
			f, err := framer.ReadFrame()
			if err != nil {
				ended <- err
				return
			}
			switch f := f.(type) {
			case *http2.SettingsFrame:
				if v, ok := f.Value(http2.SettingMaxConcurrentStreams); ok {
					offered <- v
				}
			case *http2.GoAwayFrame:
				ended <- http2.ConnectionError(f.ErrCode)
				return
			}
		}
	}()
	sent := 0
	for i := range streams {
		id := uint32(2*i + 1)
		if framer.WriteHeaders(http2.HeadersFrameParam{StreamID: id, BlockFragment: block, EndStream: true, EndHeaders: true}) != nil ||
			framer.WriteRSTStream(id, http2.ErrCodeCancel) != nil {
			break // closed
		}
		sent++
	}
	err = <-ended
	select {
	case got := <-offered:
		if got != most {
			t.Errorf("the server takes %d streams at a time, want %d", got, most)
		}
	default:
		t.Error("the server did not say how many streams it takes")
	}
	if peak.Load() > most || peak.Load() == 0 {
		t.Errorf("got %d handlers at once, want 1 to %d", peak.Load(), most)
	}
	if code := http2.ConnectionError(0); !errors.As(err, &code) || http2.ErrCode(code) != http2.ErrCodeEnhanceYourCalm {
		t.Logf("the connection ended with %v", err)
	}
	close(release)
	tried.Report(t, "HTTP/2 streams opened and reset at once by one client", "%d sent of %d, %d handlers at most, connection ended with %v", sent, streams, peak.Load(), err)
}
