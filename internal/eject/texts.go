package eject

import (
	"encoding/base64"
	"fmt"
	"strings"
)

const inBase64 = "base64://"

// mails puts the templates of mails into files. They are of Kratos' own kind, so that a plain one sends the very
// same mails.
func (d *draft) mails() {
	const at = "courier.templates."
	files := false
	for key, value := range d.engine[kratos] {
		name, found := strings.CutPrefix(key, at)
		data, ok := decoded(value)
		if !found || !ok {
			continue
		}
		// recovery_code.valid.email.body.html
		name = strings.NewReplacer(".email.", ".", ".body.plaintext", ".txt", ".body.html", ".html", ".subject", ".subject").Replace(name)
		name = "mails/" + strings.ReplaceAll(name, ".email", "") + ".gotmpl"
		d.file(name, data, false)
		d.engine[kratos][key] = "file://./" + name
		files = true
	}
	if files {
		d.result.Changes = append(d.result.Changes, Change{kratos, "courier.templates", asFile})
	}
}

const asFile = "in files, to be read by people"

// schemas puts the identity schemas into files, and the mappers of providers.
func (d *draft) schemas() {
	list, _ := d.engine[kratos]["identity.schemas"].([]any)
	var out []any
	for _, one := range list {
		m, _ := one.(map[string]any)
		data, ok := decoded(m["url"])
		if !ok {
			out = append(out, one)
			continue
		}
		name := "identity." + fileName(fmt.Sprint(m["id"])) + ".schema.json"
		d.file(name, data, false)
		out = append(out, map[string]any{"id": m["id"], "url": "file://./" + name})
	}
	d.set(kratos, "identity.schemas", out, asFile)

	const providers = "selfservice.methods.oidc.config.providers"
	list, _ = d.engine[kratos][providers].([]any)
	if len(list) == 0 {
		return
	}
	out = nil
	for _, one := range list {
		m, _ := one.(map[string]any)
		copied := map[string]any{}
		for key, value := range m {
			copied[key] = value
		}
		if data, ok := decoded(m["mapper_url"]); ok {
			name := "mapper." + fileName(fmt.Sprint(m["id"])) + ".jsonnet"
			d.file(name, data, false)
			copied["mapper_url"] = "file://./" + name
		}
		out = append(out, copied)
	}
	d.set(kratos, providers, out, asFile)
}

func decoded(v any) ([]byte, bool) {
	s, _ := v.(string)
	encoded, found := strings.CutPrefix(s, inBase64)
	if !found {
		return nil, false
	}
	data, err := base64.StdEncoding.DecodeString(encoded)
	return data, err == nil
}

// fileName keeps what no file system and no address minds.
func fileName(id string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '-'
	}, id)
}
