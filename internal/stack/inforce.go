package stack

import (
	"net/http"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/control"
)

// InForce is the configuration that a running identityd works with, without its secrets.
type InForce struct {
	Source string                      `json:"source,omitempty"`
	Words  map[string]config.Effective `json:"words"`
}

// serveConfig answers with what is in force now, after all that was taken in since the start. The digests
// are of the salt that the question brings.
func (s *Stack) serveConfig(w http.ResponseWriter, r *http.Request) {
	salt := r.URL.Query().Get("salt")
	const least = 16
	if len(salt) < least {
		control.Refuse(w, http.StatusBadRequest, "The question has no salt of its own.")
		return
	}
	cfg := s.now().cfg
	words, err := cfg.Effective(salt)
	if err != nil {
		control.Refuse(w, http.StatusInternalServerError, err.Error())
		return
	}
	control.JSON(w, InForce{Source: cfg.Source, Words: words})
}
