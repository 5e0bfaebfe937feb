package discreet

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
)

// limit is how much of an error is held back. None is as long; what is beyond it is left out.
const limit = 1 << 20

// writer holds errors back, and lets everything else pass.
type writer struct {
	http.ResponseWriter
	stored  bool // a status of 200 is held back too
	status  int
	holding bool
	body    bytes.Buffer
}

// WriteHeader implements http.ResponseWriter.
func (h *writer) WriteHeader(code int) {
	if h.status != 0 {
		return
	}
	if code >= http.StatusOK || code == http.StatusSwitchingProtocols {
		h.status = code
	}
	if h.holding = code >= http.StatusBadRequest || h.stored && code == http.StatusOK; h.holding {
		return
	}
	h.ResponseWriter.WriteHeader(code)
}

// Write implements http.ResponseWriter.
func (h *writer) Write(p []byte) (int, error) {
	h.WriteHeader(http.StatusOK)
	if !h.holding {
		return h.ResponseWriter.Write(p)
	}
	h.body.Write(p[:min(len(p), limit-h.body.Len())])
	return len(p), nil
}

// Unwrap serves http.ResponseController, but for what is held back nothing can be flushed.
func (h *writer) Unwrap() http.ResponseWriter { return h.ResponseWriter }

// clear takes away what was true of the body that was held back.
func (h *writer) clear() {
	for _, key := range []string{"Content-Length", "Content-Encoding", "Content-Type", "Etag", "Last-Modified"} {
		h.Header().Del(key)
	}
}

func (h *writer) send() {
	h.ResponseWriter.WriteHeader(h.status)
	// The client may be gone; there is nobody to tell.
	_, _ = h.ResponseWriter.Write(h.body.Bytes())
}

func (h *writer) sendText(text string) {
	h.clear()
	h.Header().Set("Content-Type", "text/plain; charset=utf-8")
	h.body.Reset()
	h.body.WriteString(text)
	h.send()
}

func (h *writer) sendJSON(body any) {
	h.clear()
	h.Header().Set("Content-Type", "application/json; charset=utf-8")
	h.body.Reset()
	enc := json.NewEncoder(&h.body)
	enc.SetEscapeHTML(false)
	// Made of what was JSON.
	_ = enc.Encode(body)
	h.send()
}

// parse reads a body that says it is JSON and is an object.
func parse(contentType string, raw []byte) (map[string]any, bool) {
	kind, _, _ := strings.Cut(contentType, ";")
	kind = strings.ToLower(strings.TrimSpace(kind))
	if kind != "application/json" && !strings.HasSuffix(kind, "+json") {
		return nil, false
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber() // so that an id of many digits stays what it is
	var body map[string]any
	if err := dec.Decode(&body); err != nil {
		return nil, false
	}
	return body, body != nil
}
