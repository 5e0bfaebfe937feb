package stack

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/secrets"
)

// SecretsPath is where the configuration has its file of secrets, or would have the generated one.
func SecretsPath(cfg config.Config) string {
	return orElse(cfg.Secrets.File, filepath.Join(cfg.DataDir, secrets.FileName))
}

// secretsFile opens the file that holds these kinds. Lists in other places are for their owners to change.
func secretsFile(cfg config.Config, kinds []string) (*secrets.File, string, error) {
	path := SecretsPath(cfg)
	var elsewhere []string
	for _, kind := range kinds {
		own := map[string][]config.Secret{"system": cfg.Secrets.System, "cookie": cfg.Secrets.Cookie, "cipher": cfg.Secrets.Cipher}[kind]
		if len(own) > 0 && cfg.Origins["secrets."+kind] != "secrets.file" {
			elsewhere = append(elsewhere, "secrets."+kind)
		}
	}
	if len(elsewhere) > 0 {
		return nil, "", &config.Problems{Source: cfg.Source, List: []config.Problem{{
			Path: strings.Join(elsewhere, ", "),
			Message: "cannot be rotated where they are written; put the lists into a file of their own, one key for each kind, " +
				"and name it in secrets.file (or leave these kinds out with --kind)",
		}}}
	}
	f, err := secrets.Open(path)
	if err != nil {
		return nil, "", err
	}
	for _, kind := range kinds {
		if len(f.List(kind)) == 0 {
			return nil, "", fmt.Errorf("%s has no %s secret; identityd secrets generate makes a whole file", path, kind)
		}
	}
	return f, path, nil
}

// chosenKinds are those that were asked for, in their order, or all.
func chosenKinds(asked []string) ([]string, error) {
	if len(asked) == 0 {
		return secrets.Kinds(), nil
	}
	for _, a := range asked {
		if !slices.Contains(secrets.Kinds(), a) {
			return nil, fmt.Errorf("there is no kind %q of secrets; the kinds are %s", a, strings.Join(secrets.Kinds(), ", "))
		}
	}
	return slices.DeleteFunc(secrets.Kinds(), func(k string) bool { return !slices.Contains(asked, k) }), nil
}
