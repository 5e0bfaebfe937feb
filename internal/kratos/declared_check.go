package kratos

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ory/jsonschema/v3"
	"github.com/ory/kratos/hash"
	"github.com/ory/kratos/schema"

	"example.com/identityd/internal/peoplefile"
)

// Refused is a trait that a schema refuses, without its value.
type Refused struct{ At, Reason string }

// CheckTraits says what an identity schema refuses of somebody's traits, as Kratos would when it stores them.
func CheckTraits(raw []byte, traits map[string]any) []Refused {
	doc, err := json.Marshal(traits)
	if err != nil {
		return []Refused{{"traits", "they cannot be written as JSON"}}
	}
	check, err := traitsCheck(raw)
	if err != nil {
		return []Refused{{"schema", err.Error()}}
	}
	return check(doc)
}

// traitsCheck compiles an identity schema once, for many people.
func traitsCheck(raw []byte) (func(traits []byte) []Refused, error) {
	runner, err := schema.NewExtensionRunner(context.Background())
	if err != nil {
		return nil, fmt.Errorf("reading the schema's extensions: %w", err)
	}
	compiler := jsonschema.NewCompiler()
	runner.Register(compiler)
	const name = "identity.schema.json"
	if err := compiler.AddResource(name, bytes.NewReader(raw)); err != nil {
		return nil, errors.New("it cannot be read")
	}
	compiled, err := compiler.Compile(context.Background(), name)
	if err != nil {
		return nil, errors.New("it is no JSON schema that Kratos can use")
	}
	return func(traits []byte) []Refused {
		var refused *jsonschema.ValidationError
		whole := slices.Concat([]byte(`{"traits":`), traits, []byte(`}`))
		if err := compiled.Validate(bytes.NewReader(whole)); errors.As(err, &refused) {
			return reasons(refused)
		}
		return nil
	}, nil
}

func reasons(e *jsonschema.ValidationError) []Refused {
	if len(e.Causes) > 0 {
		var out []Refused
		for _, c := range e.Causes {
			out = append(out, reasons(c)...)
		}
		return out
	}
	at := strings.ReplaceAll(strings.TrimPrefix(e.InstancePtr, "#/"), "/", ".")
	keyword := e.SchemaPtr[strings.LastIndex(e.SchemaPtr, "/")+1:]
	if slices.Contains([]string{"required", "additionalProperties", "type"}, keyword) {
		return []Refused{{at, e.Message}} // names of keys, no values
	}
	return []Refused{{at, "its " + keyword + " is not met"}}
}

// CheckHash says what is wrong with the hash of a password, empty for nothing.
func CheckHash(text string) string {
	if !hash.IsValidHashFormat([]byte(text)) {
		return "must be a hash that Kratos knows: argon2, bcrypt, PBKDF2, scrypt, SHA or MD5 in their usual forms"
	}
	if reason := costly([]byte(text)); reason != "" {
		return reason
	}
	if !peoplefile.WellFormed(text) {
		return "cannot be read to its end, so that nobody could sign in with it, or everybody"
	}
	return ""
}
