package certs

import (
	"crypto/tls"
	"fmt"
	"os"
)

// pair is a certificate with its key. Leaf is set: tls.LoadX509KeyPair sets it.
type pair struct{ tls.Certificate }

// read takes the stamps before the files: a file that changes while it is read has another stamp at
// the next look.
func (r *Reloader) read() (stamps, *pair, error) {
	seen := stampsOf(r.certFile, r.keyFile)
	p, err := tls.LoadX509KeyPair(r.certFile, r.keyFile)
	if err != nil {
		return stamps{}, nil, fmt.Errorf("loading the certificate %q with the key %q: %w",
			r.certFile, r.keyFile, err)
	}
	return seen, &pair{p}, nil
}

// stamps tell whether files changed without reading them. A nil one is a file that is not there.
type stamps [2]os.FileInfo

func stampsOf(certFile, keyFile string) stamps {
	var out stamps
	for i, name := range []string{certFile, keyFile} {
		if info, err := os.Stat(name); err == nil {
			out[i] = info
		}
	}
	return out
}

// same compares the identity of the files as well: a renewal that swaps a symbolic link, as certbot
// and Kubernetes do, may bring a file of the same size and an older time.
func (s stamps) same(o stamps) bool {
	for i := range s {
		if s[i] == nil || o[i] == nil {
			return false
		}
		if !os.SameFile(s[i], o[i]) || s[i].Size() != o[i].Size() || !s[i].ModTime().Equal(o[i].ModTime()) {
			return false
		}
	}
	return true
}
