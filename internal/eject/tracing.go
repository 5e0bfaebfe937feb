package eject

import (
	"net/url"
	"strings"
)

// tracing writes where spans went to into both files, and leaves it switched off: what the engines put into
// attributes is fit for fewer eyes than what identityd sends.
func (d *draft) tracing() {
	const why = "the collector of tracing.endpoint; tracing.provider: otel switches it on"
	c := d.in.Config.Tracing
	u, err := url.Parse(c.Endpoint)
	if c.Endpoint == "" || err != nil {
		return
	}
	for _, engine := range []string{hydra, kratos} {
		d.set(engine, "tracing.providers.otlp.server_url", u.Host, why)
		d.set(engine, "tracing.providers.otlp.insecure", u.Scheme == "http", why)
		d.set(engine, "tracing.providers.otlp.sampling.sampling_ratio", c.Sample, why)
		for name, value := range c.Headers() {
			if strings.EqualFold(name, "Authorization") {
				d.set(engine, "tracing.providers.otlp.authorization_header", value, why)
			}
		}
	}
}
