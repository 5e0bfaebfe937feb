package translate

import (
	"encoding/base64"
	"maps"
	"path"
	"slices"
	"strings"
)

// presetOf are the kinds of providers that identityd has a word for.
func presetOf(provider string) string {
	return map[string]string{
		"google": "google", "github": "github", "gitlab": "gitlab", "microsoft": "microsoft", "apple": "apple", "generic": "oidc",
	}[provider]
}

// sayable are the keys of a provider that identityd has a word for.
func sayable() map[string]string {
	return map[string]string{
		"id": "id", "provider": "preset", "client_id": "client_id", "client_secret": "client_secret_file", "issuer_url": "issuer", "scope": "scopes",
		"label": "name", "mapper_url": "mapper_file", "microsoft_tenant": "tenant", "apple_team_id": "team_id", "apple_private_key_id": "key_id",
		"apple_private_key": "key_file", "claims_source": "claims_from",
	}
}

// providers become login.providers where all of them can be said so; else all stay as they were, because the
// engine takes one list.
func providers(d *draft, e entry) verdict {
	list, _ := e.value.([]any)
	if d.get(kratos, "selfservice.methods.oidc.enabled") == false || len(list) == 0 {
		return dropped("was switched off, or is empty")
	}
	host := firstOf(d.origin, d.self)
	d.note("login.providers", "each provider sends people back to %s/self-service/methods/oidc/callback/<id>: register that address there, if it is "+
		"another one than before", strings.TrimSuffix(host, "/"))
	for _, one := range list {
		m, _ := one.(map[string]any)
		if odd := unsayable(m); odd != "" {
			return d.verbatimProviders(e, list, odd)
		}
	}
	var out []any
	for _, one := range list {
		m, _ := one.(map[string]any)
		p, ok := d.provider(m)
		if !ok {
			return dropped("has a mapper that cannot be read")
		}
		out = append(out, p)
	}
	d.set("login.providers", out)
	return translated("secrets and mappers in files", "login.providers")
}

// unsayable names what identityd has no word for.
func unsayable(m map[string]any) string {
	kind := text(m["provider"])
	if presetOf(kind) == "" {
		return "provider: " + kind
	}
	for _, key := range slices.Sorted(maps.Keys(m)) {
		v := m[key]
		switch {
		case sayable()[key] != "", v == nil, v == "", emptyMap(v), key == "organization_id", key == "pkce" && v != "force":
		case key == "issuer_url" && kind != "generic" && kind != "gitlab":
			return key
		default:
			return key
		}
	}
	if kind == "generic" && (m["auth_url"] != nil || m["token_url"] != nil) {
		return "auth_url"
	}
	return ""
}

func (d *draft) provider(m map[string]any) (map[string]any, bool) {
	id := text(m["id"])
	preset := presetOf(text(m["provider"]))
	p := map[string]any{"id": id, "preset": preset, "client_id": text(m["client_id"])}
	if label := text(m["label"]); label != "" {
		p["name"] = label
	} else if preset == "oidc" {
		p["name"] = id
	}
	if preset == "oidc" && text(m["claims_source"]) != "userinfo" {
		p["claims_from"] = "id_token" // what it was, unless it was said
	}
	if scopes := texts(m["scope"]); len(scopes) > 0 {
		p["scopes"] = scopes
	}
	for from, word := range map[string]string{"issuer_url": "issuer", "microsoft_tenant": "tenant", "apple_team_id": "team_id", "apple_private_key_id": "key_id"} {
		if v := text(m[from]); v != "" && (from != "issuer_url" || preset == "oidc" || preset == "gitlab") {
			p[word] = v
		}
	}
	safe := schemaName.ReplaceAllString(strings.ToLower(id), "-")
	if v := text(m["apple_private_key"]); v != "" {
		p["key_file"] = d.file("provider-"+safe+".p8", []byte(v), true)
	} else if v := text(m["client_secret"]); v != "" && preset != "apple" {
		if d.in.InlineSecrets {
			d.sealed = true
			p["client_secret"] = v
		} else {
			p["client_secret_file"] = d.file("provider-"+safe, []byte(v+"\n"), true)
		}
	}
	data, ok := d.mapper(id, text(m["mapper_url"]))
	if len(data) > 0 {
		p["mapper_file"] = d.file("provider-"+safe+".jsonnet", data, false)
	}
	return p, ok
}

// mapper reads the Jsonnet that makes traits of what a provider says.
func (d *draft) mapper(id, address string) ([]byte, bool) {
	source := d.values[kratos]["selfservice.methods.oidc.config.providers"].source
	if address == "" {
		return nil, true
	}
	if encoded, ok := strings.CutPrefix(address, "base64://"); ok {
		data, err := base64.StdEncoding.DecodeString(encoded)
		if err != nil {
			d.problems.add(source, "selfservice.methods.oidc.config.providers", "has a mapper that is no base64, for the id %q", id)
		}
		return data, err == nil
	}
	data, err := d.in.Open(address)
	if err != nil {
		d.problems.add(source, "selfservice.methods.oidc.config.providers", "names the mapper %s for the id %q, which cannot be read (%v); put %s "+
			"beside the file, or give the address as base64://", address, id, err, path.Base(address))
		return nil, false
	}
	return data, true
}

// verbatimProviders keeps the list as it was, with the mappers inside.
func (d *draft) verbatimProviders(e entry, list []any, odd string) verdict {
	out := make([]any, 0, len(list))
	for _, one := range list {
		m, _ := one.(map[string]any)
		m = maps.Clone(m)
		data, ok := d.mapper(text(m["id"]), text(m["mapper_url"]))
		if !ok {
			return dropped("has a mapper that cannot be read")
		}
		if len(data) > 0 {
			m["mapper_url"] = "base64://" + base64.StdEncoding.EncodeToString(data)
		}
		out = append(out, m)
	}
	e.value = out
	d.block(kratos, "selfservice.methods.oidc.enabled", true)
	return d.keep(e, "login.providers has no word for "+odd+", and the engine takes one list")
}
