package kratos

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/ory/jsonschema/v3"
	kidentity "github.com/ory/kratos/identity"
	"github.com/ory/kratos/schema"
)

// validators hold people against schemas as Kratos' validator does, with one difference: a schema is compiled once
// for all people of a request. Kratos compiles it for each, which is most of what an import costs.
type validators struct {
	engine *Engine
	made   map[string]*validator
}

// validator is a schema whose extensions, which read credentials and addresses out of traits, are of now.
type validator struct {
	compiled *jsonschema.Schema
	now      []schema.ValidateExtension
}

// Run implements schema.ValidateExtension.
func (v *validator) Run(ctx jsonschema.ValidationContext, c schema.ExtensionConfig, value any) error {
	for _, one := range v.now {
		if err := one.Run(ctx, c, value); err != nil {
			return err
		}
	}
	return nil
}

// Finish implements schema.ValidateExtension.
func (v *validator) Finish() error {
	for _, one := range v.now {
		if err := one.Finish(); err != nil {
			return err
		}
	}
	return nil
}

func (s *validators) of(ctx context.Context, id string) (*validator, error) {
	if v := s.made[id]; v != nil {
		return v, nil
	}
	i := slices.IndexFunc(s.engine.cfg.Schemas, func(one Schema) bool { return one.ID == id })
	if i < 0 {
		return nil, s.engine.noSchema(id)
	}
	v := &validator{}
	runner, err := schema.NewExtensionRunner(ctx, schema.WithValidateRunners(v))
	if err != nil {
		return nil, fmt.Errorf("reading the schema's extensions: %w", err)
	}
	compiler := jsonschema.NewCompiler()
	runner.Register(compiler)
	const name = "identity.schema.json"
	if err := compiler.AddResource(name, bytes.NewReader(s.engine.cfg.Schemas[i].Raw)); err != nil {
		return nil, fmt.Errorf("reading schema %s: %w", id, err)
	}
	if v.compiled, err = compiler.Compile(ctx, name); err != nil {
		return nil, fmt.Errorf("compiling schema %s: %w", id, err)
	}
	s.made[id] = v
	return v, nil
}

// validate is identity.Manager's ValidateIdentity.
func (s *validators) validate(ctx context.Context, who *kidentity.Identity) error {
	v, err := s.of(ctx, who.SchemaID)
	if err != nil {
		return err
	}
	traits := who.Traits
	if len(traits) == 0 {
		traits = kidentity.Traits("{}")
	}
	doc, err := jsonschema.DecodeJSON(bytes.NewReader(slices.Concat([]byte(`{"traits":`), traits, []byte(`}`))))
	if err != nil {
		return fmt.Errorf("reading traits: %w", err)
	}
	c := s.engine.registry.Config()
	v.now = []schema.ValidateExtension{
		kidentity.NewSchemaExtensionCredentials(who),
		kidentity.NewSchemaExtensionVerification(who, c.SelfServiceFlowVerificationRequestLifespan(ctx)),
		kidentity.NewSchemaExtensionRecovery(who),
	}
	if err := v.compiled.ValidateInterface(doc); err != nil {
		return err
	}
	if err := v.Finish(); err != nil {
		return err
	}
	return who.SetAvailableAAL(ctx, s.engine.registry.IdentityManager())
}
