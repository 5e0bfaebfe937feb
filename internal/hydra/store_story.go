package hydra

import (
	"context"

	"github.com/ory/fosite"
)

// storyField is where a code has the trace of its sign-in: among the parameters of its request, of which Hydra stores
// redirect_uri alone. It costs no statement, and reaches the replica at which the application comes for its tokens
// (docs/ory-quirks.md#q225).
const storyField = "identityd_story"

// CreateAuthorizeCodeSession implements oauth2.AuthorizeCodeStorage.
func (s *store) CreateAuthorizeCodeSession(ctx context.Context, code string, r fosite.Requester) error {
	if story := s.engine.cfg.Story; story != nil {
		if text := story(ctx); text != "" {
			r.GetRequestForm().Set(storyField, text) // a copy of fosite's own (fosite: Request.Sanitize)
		}
	}
	return s.Persister.CreateAuthorizeCodeSession(ctx, code, r)
}

// joins tells of which sign-in a code is.
func (s *store) joins(ctx context.Context, r fosite.Requester) {
	if r == nil || s.engine.cfg.Joins == nil {
		return
	}
	if text := r.GetRequestForm().Get(storyField); text != "" {
		s.engine.cfg.Joins(ctx, text)
	}
}
