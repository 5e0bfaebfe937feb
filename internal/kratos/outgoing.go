package kratos

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/go-retryablehttp"
	kdriver "github.com/ory/kratos/driver"
	"github.com/ory/kratos/selfservice/strategy/password"
	"github.com/ory/x/httpx"

	"example.com/identityd/internal/ory"
)

// outgoing is the registry with our way out instead of Kratos', for the parts that call somebody: sign-in through
// providers, the courier's web channels, schemas with references. Kratos' own registry hands itself to the
// parts that it makes, so that what we cannot make ourselves is left to its own guard (docs/ory-quirks.md#q92).
type outgoing struct {
	*kdriver.RegistryDefault
	engine *Engine
}

// HTTPClient implements kratos' x.HTTPClientProvider.
func (o outgoing) HTTPClient(context.Context, ...httpx.ResilientOptions) *retryablehttp.Client {
	return ory.Outgoing(o.engine.cfg.Outgoing)
}

// breachBound is what the service that knows breached passwords gets: somebody waits, and the password is
// taken without it. Upstream gives it a second, five times.
const breachBound = 2 * time.Second

// takeBreachCheck gives ours to the check of breached passwords, whose client is its own.
func (e *Engine) takeBreachCheck() error {
	v, ok := e.registry.PasswordValidator().(*password.DefaultPasswordValidator)
	if !ok {
		return fmt.Errorf("taking over the calls of the breach check: the validator is a %T (docs/ory-quirks.md#q92)",
			e.registry.PasswordValidator())
	}
	v.Client = ory.Outgoing(e.cfg.Outgoing)
	v.Client.HTTPClient.Timeout = breachBound
	return nil
}
