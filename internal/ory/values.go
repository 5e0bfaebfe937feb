package ory

import (
	"io"
	"maps"
	"strconv"
	"time"

	"github.com/knadh/koanf/providers/confmap"
	"github.com/ory/x/configx"
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

// CORS lets pages of the origins call a public API with cookies. Without origins it stays off. Both
// engines have the same words for it.
func CORS(v Values, origins []string) {
	if len(origins) == 0 {
		return
	}
	const at = "serve.public.cors."
	v[at+"enabled"] = true
	v[at+"allowed_origins"] = origins
	v[at+"allow_credentials"] = true
	v[at+"allowed_methods"] = []string{"GET", "POST", "PUT", "PATCH", "DELETE"}
	v[at+"allowed_headers"] = []string{"Authorization", "Content-Type", "Accept", "X-Session-Token", "X-CSRF-Token"}
	v[at+"exposed_headers"] = []string{"Content-Type", "X-Request-Id"}
}
