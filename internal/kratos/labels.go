package kratos

import (
	"context"
	"fmt"
	"net/http"
	"sync"

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
	label func() (*text.Message, error)
}

func newLabeled(s *password.Strategy, r *kdriver.RegistryDefault) labeled {
	return labeled{s, r, sync.OnceValues(func() (*text.Message, error) {
		ctx := context.Background()
		schema, err := r.Config().DefaultIdentityTraitsSchemaURL(ctx)
		if err != nil {
			return nil, fmt.Errorf("finding the default schema: %w", err)
		}
		return login.GetIdentifierLabelFromSchema(ctx, schema.String())
	})}
}

// PopulateLoginMethodFirstFactor implements login.FormHydrator, with the fields that upstream's has.
func (s labeled) PopulateLoginMethodFirstFactor(r *http.Request, f *login.Flow) error {
	label, err := s.label()
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
