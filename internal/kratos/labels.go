package kratos

import (
	"context"
	"fmt"
	"net/http"
	"sync/atomic"

	kdriver "github.com/ory/kratos/driver"
	"github.com/ory/kratos/selfservice/flow/login"
	"github.com/ory/kratos/selfservice/strategy/password"
	"github.com/ory/kratos/text"
	"github.com/ory/kratos/ui/node"
)

// labeled is what signs in and up with passwords, and finds once what the name is called with which somebody signs
// in: the default schema says it, which does not change while a process runs. Upstream compiles that schema, and
// its own that describe it, for every form that is begun (docs/ory-quirks.md#q133).
type labeled struct {
	*password.Strategy
	r     *kdriver.RegistryDefault
	label *atomic.Pointer[text.Message]
}

func newLabeled(s *password.Strategy, r *kdriver.RegistryDefault) labeled {
	return labeled{s, r, new(atomic.Pointer[text.Message])}
}

// word returns the label. What failed is tried again at the next form.
func (s labeled) word(ctx context.Context) (*text.Message, error) {
	if known := s.label.Load(); known != nil {
		return known, nil
	}
	schema, err := s.r.Config().DefaultIdentityTraitsSchemaURL(ctx)
	if err != nil {
		return nil, fmt.Errorf("finding the default schema: %w", err)
	}
	found, err := login.GetIdentifierLabelFromSchema(ctx, schema.String())
	if err != nil {
		return nil, err
	}
	s.label.Store(found)
	return found, nil
}

// PopulateLoginMethodFirstFactor implements login.FormHydrator, with the fields that upstream's has.
func (s labeled) PopulateLoginMethodFirstFactor(r *http.Request, f *login.Flow) error {
	label, err := s.word(r.Context())
	if err != nil {
		return err
	}
	own := *label // forms translate theirs
	f.UI.SetNode(node.NewInputField("identifier", "", node.DefaultGroup, node.InputAttributeTypeText,
		node.WithRequiredInputAttribute).WithMetaLabel(&own))
	f.UI.SetCSRF(s.r.GenerateCSRFToken(r))
	f.UI.SetNode(password.NewPasswordNode("password", node.InputAttributeAutocompleteCurrentPassword))
	f.UI.GetNodes().Append(node.NewInputField("method", "password", node.PasswordGroup, node.InputAttributeTypeSubmit).
		WithMetaLabel(text.NewInfoLoginPassword()))
	return nil
}
