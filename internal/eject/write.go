package eject

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"example.com/identityd/internal/translate"
)

// Names of the files that the engines read, each pair in this order: the second lies over the first.
const (
	HydraFile         = "hydra.yml"
	HydraSecretsFile  = "hydra.secrets.yml"
	KratosFile        = "kratos.yml"
	KratosSecretsFile = "kratos.secrets.yml"
	ComposeFile       = "compose.yml"
	PagesFile         = "pages.env"
	FrontFile         = "nginx.conf"
	ReadmeFile        = "README.md"
)

func (d *draft) write() error {
	for _, one := range []struct{ engine, open, sealed string }{
		{hydra, HydraFile, HydraSecretsFile}, {kratos, KratosFile, KratosSecretsFile},
	} {
		open, sealed := map[string]any{}, map[string]any{}
		for key, value := range d.engine[one.engine] {
			if list, ok := value.([]string); ok && len(list) == 0 {
				continue
			}
			if translate.HoldsSecret(key, generic(value)) {
				sealed[key] = value
				continue
			}
			open[key] = value
		}
		for _, file := range []struct {
			name   string
			values map[string]any
			secret bool
			says   string
		}{
			{one.open, open, false, "# Written by identityd eject. What is secret is in " + one.sealed + ", which has to be given too:\n# --config " + one.open + " --config " + one.sealed + "\n"},
			{one.sealed, sealed, true, "# Written by identityd eject: for its owner alone.\n"},
		} {
			data, err := yaml.Marshal(nest(file.values))
			if err != nil {
				return fmt.Errorf("writing %s: %w", file.name, err)
			}
			d.file(file.name, append([]byte(file.says), data...), file.secret)
		}
	}
	if err := d.pages(); err != nil {
		return err
	}
	if d.at.front.port != 0 || d.at.front.socket() {
		d.file(FrontFile, d.front(), false)
	}
	compose, err := d.compose()
	if err != nil {
		return err
	}
	d.file(ComposeFile, compose, false)
	var readme bytes.Buffer
	d.readme(&readme)
	d.file(ReadmeFile, readme.Bytes(), false)
	slices.SortFunc(d.result.Files, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	return nil
}

// nest makes maps of dotted keys, as the engines' files have them.
func nest(flat map[string]any) map[string]any {
	out := map[string]any{}
	for _, key := range slices.Sorted(maps.Keys(flat)) {
		at, parts := out, strings.Split(key, ".")
		for _, part := range parts[:len(parts)-1] {
			next, ok := at[part].(map[string]any)
			if !ok {
				next = map[string]any{}
				at[part] = next
			}
			at = next
		}
		at[parts[len(parts)-1]] = flat[key]
	}
	return out
}

// generic makes lists of anything of lists of texts, as files are read.
func generic(v any) any {
	list, ok := v.([]string)
	if !ok {
		return v
	}
	out := make([]any, 0, len(list))
	for _, one := range list {
		out = append(out, one)
	}
	return out
}

// pages writes the environment of Ory's reference application.
func (d *draft) pages() error {
	cookie, err := d.in.Secret()
	if err != nil {
		return fmt.Errorf("making the secret of the pages' cookies: %w", err)
	}
	csrf, err := d.in.Secret()
	if err != nil {
		return fmt.Errorf("making the secret of the pages' forms: %w", err)
	}
	name := "__Host-ax-x-csrf-token"
	if strings.HasPrefix(d.at.pagesAt, "http://") {
		name = "ax-x-csrf-token" // a browser takes __Host- by https alone
	}
	var b bytes.Buffer
	for _, line := range [][2]string{
		{"PORT", fmt.Sprint(d.at.pages.port)},
		{"KRATOS_PUBLIC_URL", d.at.kratosPublic.url()},
		{"KRATOS_BROWSER_URL", d.at.self},
		{"KRATOS_ADMIN_URL", d.at.kratosAdmin.url()},
		{"HYDRA_ADMIN_URL", d.at.hydraAdmin.url()},
		{"COOKIE_SECRET", cookie},
		{"CSRF_COOKIE_NAME", name},
		{"CSRF_COOKIE_SECRET", csrf},
	} {
		fmt.Fprintf(&b, "%s=%s\n", line[0], line[1])
	}
	if strings.HasPrefix(d.at.pagesAt, "http://") {
		fmt.Fprintln(&b, "DANGEROUSLY_DISABLE_SECURE_CSRF_COOKIES=true")
	}
	d.file(PagesFile, b.Bytes(), true)
	return nil
}
