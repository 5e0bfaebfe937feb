package certs

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// How often Watch looks at the files. Whoever renews a certificate does so days before the old one
// ends; polling sees what file notifications miss on network and Kubernetes volumes.
const defaultInterval = 30 * time.Second

// Reloader holds the pair of a certificate and a key file, and replaces it when the files change.
// Its methods are safe for concurrent use.
type Reloader struct {
	// Interval is how often Watch looks at the files; zero means every 30 seconds. It is not to be
	// changed after Watch was called.
	Interval time.Duration

	certFile, keyFile string
	log               *slog.Logger
	serving           atomic.Pointer[pair]

	mu      sync.Mutex // guards what follows
	seen    stamps
	failing string // the last failure that was logged, or ""
	warned  validity
	said    time.Time // when
}

// Open loads the pair. A certificate that has expired is logged, not refused: a process that starts
// with a warning is easier to mend than one that does not start.
func Open(certFile, keyFile string, log *slog.Logger) (*Reloader, error) {
	r := &Reloader{certFile: certFile, keyFile: keyFile, log: log.With("cert_file", certFile)}
	seen, p, err := r.read()
	if err != nil {
		return nil, err
	}
	r.seen = seen
	r.serving.Store(p)
	r.warn(context.Background())
	return r, nil
}

// Config returns the TLS settings of a server. An http.Server has to get them as its TLSConfig and
// serve with ServeTLS(l, "", ""): without its TLSConfig it does not speak HTTP/2.
func (r *Reloader) Config() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		// Of TLS 1.2 what seals and has forward secrecy: Go's own list still has ciphers in CBC mode at its end,
		// which testssl.sh complains about (LUCKY13).
		CipherSuites: []uint16{
			tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
			tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
			tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
		},
		NextProtos: []string{"h2", "http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			return &r.serving.Load().Certificate, nil
		},
	}
}

// NotAfter is when the certificate that is being served expires.
func (r *Reloader) NotAfter() time.Time { return r.serving.Load().Leaf.NotAfter }

// NotBefore is since when the certificate that is being served is good.
func (r *Reloader) NotBefore() time.Time { return r.serving.Load().Leaf.NotBefore }

// Digest is the SHA-256 of the certificate that is being served, in hexadecimal.
func (r *Reloader) Digest() string {
	sum := sha256.Sum256(r.serving.Load().Leaf.Raw)
	return hex.EncodeToString(sum[:])
}

// File is the name of the file of the certificate.
func (r *Reloader) File() string { return r.certFile }

// Failing reports whether the files hold what cannot be used, so that what was read before is served.
func (r *Reloader) Failing() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failing != ""
}

// Watch looks at the files until ctx ends. It always returns nil: files that cannot be read are
// logged, and what was read before is served.
func (r *Reloader) Watch(ctx context.Context) error {
	every := r.Interval
	if every <= 0 {
		every = defaultInterval
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			r.Check(ctx)
		}
	}
}

// Check looks at the files once. Watch calls it; a signal handler may do so too.
func (r *Reloader) Check(ctx context.Context) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reload(ctx)
	r.warn(ctx)
}

func (r *Reloader) reload(ctx context.Context) {
	// A pair that was broken is tried each time: a permission that is mended changes no stamp.
	if r.failing == "" && stampsOf(r.certFile, r.keyFile).same(r.seen) {
		return
	}
	seen, p, err := r.read()
	if err != nil {
		if r.failing != err.Error() {
			r.failing = err.Error()
			r.log.ErrorContext(ctx, "new certificate cannot be used, the old one is kept",
				"err", err, "not_after", r.NotAfter())
		}
		return
	}
	r.failing, r.seen, r.warned = "", seen, valid
	r.serving.Store(p)
	r.log.InfoContext(ctx, "certificate reloaded", "not_after", r.NotAfter())
}
