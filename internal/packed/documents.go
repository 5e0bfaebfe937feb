package packed

import (
	"bytes"
	"crypto/sha256"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// kept is how many documents are remembered in packed form: there are three, and one more of each while keys change.
const kept = 8

// Documents packs the answers at a few paths. The packed form is remembered by a digest of the very body, so that
// it is never of another answer than the one that was asked for.
type Documents struct {
	paths []string

	mu   sync.Mutex
	by   map[[sha256.Size]byte][]byte
	last [kept][sha256.Size]byte // a ring of what was added
	next int
}

// NewDocuments returns Documents for the very paths. What is there has to be public, and the same for everybody.
func NewDocuments(paths ...string) *Documents {
	return &Documents{paths: paths, by: map[[sha256.Size]byte][]byte{}}
}

// Middleware packs what next answers at the paths, for clients that take it.
func (d *Documents) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet || !slices.Contains(d.paths, r.URL.Path) {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Add("Vary", "Accept-Encoding")
		if !Accepted(r) {
			next.ServeHTTP(w, r)
			return
		}
		held := &document{ResponseWriter: w}
		next.ServeHTTP(held, r)
		held.finish(d)
	})
}

// of returns the packed form of a body, or nil.
func (d *Documents) of(body []byte) []byte {
	key := sha256.Sum256(body)
	d.mu.Lock()
	defer d.mu.Unlock()
	if packed, ok := d.by[key]; ok {
		return packed
	}
	packed := Gzip(body)
	delete(d.by, d.last[d.next])
	d.last[d.next], d.next = key, (d.next+1)%kept
	d.by[key] = packed
	return packed
}

// document holds a good answer back until it is whole. Everything else passes.
type document struct {
	http.ResponseWriter
	body    bytes.Buffer
	status  int
	passing bool
}

// WriteHeader implements http.ResponseWriter.
func (h *document) WriteHeader(status int) {
	if h.status != 0 {
		return
	}
	if status >= http.StatusOK {
		h.status = status
	}
	h.passing = status != http.StatusOK || h.Header().Get("Content-Encoding") != ""
	if h.passing {
		h.ResponseWriter.WriteHeader(status)
	}
}

// Write implements http.ResponseWriter.
func (h *document) Write(p []byte) (int, error) {
	h.WriteHeader(http.StatusOK)
	if h.passing {
		return h.ResponseWriter.Write(p)
	}
	return h.body.Write(p)
}

func (h *document) finish(d *Documents) {
	if h.passing || h.status == 0 {
		return
	}
	body := h.body.Bytes()
	if packed := d.of(body); packed != nil {
		head := h.Header()
		head.Set("Content-Encoding", "gzip")
		head.Del("Accept-Ranges")
		// Other bytes than those that a strong tag stands for (RFC 9110 section 8.8.1).
		if tag := head.Get("ETag"); strings.HasPrefix(tag, `"`) {
			head.Set("ETag", "W/"+tag)
		}
		body = packed
	}
	h.Header().Set("Content-Length", strconv.Itoa(len(body)))
	h.ResponseWriter.WriteHeader(h.status)
	// The client may be gone; there is nobody to tell.
	_, _ = h.ResponseWriter.Write(body)
}

// Unwrap serves http.ResponseController.
func (h *document) Unwrap() http.ResponseWriter { return h.ResponseWriter }
