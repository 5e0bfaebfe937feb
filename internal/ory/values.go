package ory

import (
	"io"
	"maps"
	"strconv"
	"time"

	"github.com/knadh/koanf/providers/confmap"
	"github.com/ory/x/configx"
	"github.com/rs/cors"
)

// Values are the settings of an engine by their leaf keys ("urls.self.issuer"). Keys of maps inside
// a list keep their nested form.
type Values map[string]any

// Merge returns v with extra laid over it. Extra may be nested, as in the hydra: and kratos: blocks
// of stack.yaml; it is flattened first, because configx applies its values in random order and a map
// would swallow the leaves beside it (docs/ory-quirks.md#q19).
func (v Values) Merge(extra map[string]any) Values {
	out := maps.Clone(v)
	if out == nil {
		out = Values{}
	}
	flatten(out, "", extra)
	return out
}

func flatten(into Values, prefix string, m map[string]any) {
	for k, val := range m {
		key := k
		if prefix != "" {
			key = prefix + "." + k
		}
		if sub, ok := val.(map[string]any); ok && len(sub) > 0 {
			flatten(into, key, sub)
			continue
		}
		into[key] = val
	}
}

// Options returns the options that make an engine read v and nothing else: no files, no flags, no
// environment (docs/ory-quirks.md#q4), and no report on stderr (docs/ory-quirks.md#q16). All of v is one
// layer: configx' own values would be one each, and everything is laid flat anew over each layer
// (docs/ory-quirks.md#q136).
func (v Values) Options() []configx.OptionModifier {
	return []configx.OptionModifier{
		configx.WithUserProviders(confmap.Provider(v, configx.Delimiter)),
		configx.DisableEnvLoading(),
		configx.WithStandardValidationReporter(io.Discard),
	}
}

// Duration writes d as the engines' schemas want it: whole numbers with a unit, "90s", never "1.5s".
func Duration(d time.Duration) string {
	if d%time.Second == 0 {
		return strconv.FormatInt(int64(d/time.Second), 10) + "s"
	}
	return strconv.FormatInt(d.Milliseconds(), 10) + "ms"
}

// CrossOriginKey is below what both engines have the settings of CORS of their public API.
const CrossOriginKey = "serve.public.cors."

// CORS lets pages of the origins call a public API, with cookies where it has any that count. Without origins
// it stays off. Both engines have the same words for it.
func CORS(v Values, origins []string, cookies bool) {
	if len(origins) == 0 {
		return
	}
	opts := CrossOrigin(cookies)
	v[CrossOriginKey+"enabled"] = true
	v[CrossOriginKey+"allowed_origins"] = origins
	v[CrossOriginKey+"allow_credentials"] = opts.AllowCredentials
	v[CrossOriginKey+"allowed_methods"] = opts.AllowedMethods
	v[CrossOriginKey+"allowed_headers"] = opts.AllowedHeaders
	v[CrossOriginKey+"exposed_headers"] = opts.ExposedHeaders
}

// CrossOrigin are the options of CORS where no setting is another one.
func CrossOrigin(cookies bool) cors.Options {
	return cors.Options{
		AllowCredentials: cookies,
		AllowedMethods:   []string{"GET", "POST", "PUT", "PATCH", "DELETE"},
		AllowedHeaders: []string{
			"Authorization", "Content-Type", "Accept", "X-Session-Token", "X-CSRF-Token",
			"MCP-Protocol-Version",      // is sent by applications of the Model Context Protocol, to the metadata too
			"Traceparent", "Tracestate", // are sent by pages that trace (W3C Trace Context)
		},
		ExposedHeaders: []string{"Content-Type", "X-Request-Id", "X-Error-Code"},
	}
}
