package stack

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"example.com/identityd/configs"
	"example.com/identityd/internal/config"
	"example.com/identityd/internal/kratos"
)

// schemas are the identity schemas in force. The presets are always among them, so that people who
// signed up under one can still be read after the setting changed.
type schemas struct {
	list      []kratos.Schema
	preferred string
	// mappers are the operator's, by the id of the provider.
	mappers map[string]string
}

// presets are the schemas in the binary by their versioned names. A version is never changed once it
// was released: people's traits were checked against it.
func presets() map[string]string {
	return map[string]string{
		"email@1":    "identity.email-v1.schema.json",
		"username@1": "identity.username-v1.schema.json",
	}
}

// latest is what a preset's plain name stands for.
func latest() map[string]string {
	return map[string]string{"email": "email@1", "username": "username@1"}
}

func loadSchemas(c config.Config) (schemas, error) {
	var s schemas
	for _, id := range slices.Sorted(maps.Keys(presets())) {
		raw, err := fs.ReadFile(configs.FS(), presets()[id])
		if err != nil {
			return schemas{}, fmt.Errorf("reading identity schema %s: %w", id, err)
		}
		s.list = append(s.list, kratos.Schema{ID: id, Raw: raw})
	}
	for _, id := range slices.Sorted(maps.Keys(c.Identity.Schemas)) {
		if err := s.addFile(c.Dir, id, c.Identity.Schemas[id]); err != nil {
			return schemas{}, err
		}
	}
	name := c.Identity.Schema
	switch {
	case strings.HasPrefix(name, "file://"):
		s.preferred = "default"
		if err := s.addFile(c.Dir, s.preferred, name); err != nil {
			return schemas{}, err
		}
	case latest()[name] != "":
		s.preferred = latest()[name]
	default:
		s.preferred = name
	}
	s.mappers = map[string]string{}
	return s, s.addMappers(c)
}

func (s *schemas) addMappers(c config.Config) error {
	for i, p := range c.Login.Providers {
		if p.MapperFile == "" {
			continue
		}
		raw, err := os.ReadFile(p.MapperFile)
		if err != nil {
			return fmt.Errorf("reading mapper of %s: %w", p.ID, err)
		}
		if err := kratos.CheckMapper(p.MapperFile, string(raw)); err != nil {
			return &config.Problems{Source: c.Source, List: []config.Problem{{
				Path: fmt.Sprintf("login.providers[%d].mapper_file", i), Message: err.Error(),
			}}}
		}
		s.mappers[p.ID] = string(raw)
	}
	return nil
}

func (s *schemas) addFile(dir, id, url string) error {
	path := strings.TrimPrefix(url, "file://")
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("reading identity schema %s: %w", id, err)
	}
	s.list = append(s.list, kratos.Schema{ID: id, Raw: raw})
	return nil
}
