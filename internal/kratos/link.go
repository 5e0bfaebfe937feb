package kratos

import (
	"context"
	"net/http"

	"github.com/hashicorp/go-retryablehttp"
	kdriver "github.com/ory/kratos/driver"
	khydra "github.com/ory/kratos/hydra"
	"github.com/ory/x/httpx"
)

// hydra returns Kratos' client of Hydra's admin API, over Config.Hydra instead of a socket.
func (e *Engine) hydra(r kdriver.Registry) khydra.Hydra {
	return khydra.NewDefaultHydra(linked{Registry: r, transport: e.cfg.Hydra})
}

// linked is a registry whose HTTP client goes to Hydra in process.
type linked struct {
	kdriver.Registry
	transport http.RoundTripper
}

// HTTPClient implements kratos' x.HTTPClientProvider. Nothing is retried: a call in process fails for
// a reason that trying again does not mend, and the default waits a second between tries.
func (l linked) HTTPClient(context.Context, ...httpx.ResilientOptions) *retryablehttp.Client {
	c := retryablehttp.NewClient()
	c.HTTPClient = &http.Client{Transport: l.transport}
	c.Logger = nil
	c.RetryMax = 0
	c.ErrorHandler = retryablehttp.PassthroughErrorHandler
	return c
}
