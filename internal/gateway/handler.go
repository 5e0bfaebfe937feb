package gateway

import "net/http"

// Handler sends each request to the part that its path belongs to.
type Handler struct {
	parts  map[Part]http.Handler
	prefix prefixes
}

// New returns a Handler over the three parts, none of which may be nil.
func New(hydra, kratos, pages http.Handler) *Handler {
	return &Handler{
		parts:  map[Part]http.Handler{Hydra: hydra, Kratos: kratos, Pages: pages},
		prefix: table(),
	}
}

// ServeHTTP implements http.Handler. A part gets the very path it was chosen by. The engines clean paths
// in places of their own, behind what guards them, so that a path they would read differently
// (//self-service, /x/../self-service, %2F) must not reach them.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	clean := Clean(r.URL.Path)
	part := h.prefix.of(clean)
	// The pages read escaped slashes as part of a segment, as in an application's id; there that is safe.
	if clean != r.URL.Path || part != Pages {
		r = at(r, clean)
	}
	h.parts[part].ServeHTTP(w, r)
}

// at returns the request with another path.
func at(r *http.Request, path string) *http.Request {
	out, u := *r, *r.URL
	u.Path, u.RawPath = path, ""
	out.URL = &u
	return &out
}
