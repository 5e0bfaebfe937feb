package translate

import (
	"bytes"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// sections of stack.yaml in the order of the reference, with what is said above each.
func sections() [][2]string {
	return [][2]string{
		{"profile", "How strict the rules are: production, or development."},
		{"origin", "What a browser sees, and the issuer in every token, to the letter."},
		{"data_dir", "Where SQLite, generated secrets and the control socket are, relative to this file."},
		{"listen", "Where each listener is bound: host:port, unix:/path or \"off\". The admin APIs: this machine only, unless admin.token_file is set."},
		{"urls", "What a browser sees: the pages, OAuth2 (the issuer in every token, to the letter) and self-service."},
		{"database", "Both databases, with a user each."},
		{"secrets", "One secret a line: the first is used, the rest still open what they sealed."},
		{"tls", "Certificates, read anew when they are replaced."},
		{"proxy", "Proxies that are believed when they say whose address it is."},
		{"outbound", "What this process may call beyond the public network."},
		{"cors", "Origins of pages that may call the public endpoints, in addition to those of clients."},
		{"identity", "What an account consists of, and whether an address has to be verified before sign-in."},
		{"registration", "Who may sign up, open or closed, and on how many pages."},
		{"dynamic_registration", "Which applications may register themselves, and how."},
		{"login", "How people prove who they are."},
		{"session", "How long a sign-in lasts, and how long after it credentials may be changed without another one."},
		{"tokens", "How long tokens live, and the form of access tokens."},
		{"return_to", "Where else a flow may end."},
		{"mail", "The mail server, and the sender."},
		{"tracing", "The collector of traces, and the share of requests that it gets although nothing went wrong."},
		{"logging", "The least severe message logged, and its form."},
	}
}

// order is that of the words inside of their sections.
func order() []string {
	return []string{
		"listen.ui", "listen.hydra_public", "listen.kratos_public", "listen.hydra_admin", "listen.kratos_admin",
		"urls.ui", "urls.hydra", "urls.kratos", "urls.cookie_domain", "database.url", "database.hydra.name", "database.hydra.user", "database.kratos.name", "database.kratos.user", "database.pool",
		"secrets.system", "secrets.cookie", "secrets.cipher", "identity.schema", "identity.schemas", "identity.verification",
		"login.first.style", "login.first.password", "login.first.passkey", "login.first.code", "login.second.totp", "login.second.security_key",
		"login.second.recovery_codes", "login.second.required", "login.providers", "tokens.access", "tokens.refresh", "tokens.id",
		"tokens.format", "tokens.refresh_grace", "mail.smtp_url", "mail.from", "tracing.endpoint", "tracing.sample", "tracing.headers_file", "logging.level",
		"item.id", "item.preset", "item.name", "item.client_id", "item.client_secret",
	}
}

func rank(word string) int {
	for i, one := range order() {
		if word == one || strings.HasPrefix(word, one+".") || strings.HasPrefix(one, word+".") || word == one+"_file" {
			return i
		}
	}
	return len(order())
}

// write makes the file: commented, in the order of the reference.
func (d *draft) write() ([]byte, error) {
	d.set("data_dir", "./identityd-data")
	var b bytes.Buffer
	var from []string
	for _, s := range d.in.Settings {
		name, _, _ := strings.Cut(path.Base(s.Name), " ")
		if !slices.Contains(from, name) {
			from = append(from, name)
		}
	}
	fmt.Fprintf(&b, "# identityd, imported from %s.\n#\n", strings.Join(from, ", "))
	b.WriteString("# identityd config check says what is wrong with this file, identityd config show what applies. Every word can\n" +
		"# also be set by a variable: database.url is IDENTITYD_DATABASE_URL.\n")
	for _, s := range sections() {
		if err := d.section(&b, s[0], s[1]); err != nil {
			return nil, err
		}
	}
	for _, engine := range []string{hydra, kratos} {
		if len(d.blocks[engine]) == 0 {
			continue
		}
		fmt.Fprintf(&b, "\n# Settings of %s that have no word of their own, as they were; config check asks the engine itself about them.\n", title(engine))
		if err := encode(&b, map[string]any{engine: nest(d.blocks[engine])}, nil); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

func title(engine string) string { return strings.ToUpper(engine[:1]) + engine[1:] }

func (d *draft) section(b *bytes.Buffer, name, comment string) error {
	inside := map[string]any{}
	for word, v := range d.words {
		if word == name || strings.HasPrefix(word, name+".") {
			inside[word] = v
		}
	}
	if len(inside) == 0 {
		return nil
	}
	fmt.Fprintf(b, "\n# %s\n", comment)
	for _, n := range d.notes {
		if n.Word != name && !strings.HasPrefix(n.Word, name+".") {
			continue
		}
		for _, line := range wrap(n.Word+": "+n.Text, 108) {
			fmt.Fprintf(b, "# %s\n", line)
		}
	}
	return encode(b, nest(inside), func(a, z string) int { return rank(a) - rank(z) })
}

// wrap breaks a text into lines of at most so many letters.
func wrap(s string, width int) []string {
	var out []string
	line := ""
	for word := range strings.FieldsSeq(s) {
		if line != "" && len(line)+1+len(word) > width {
			out, line = append(out, line), ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	return append(out, line)
}

// nest makes maps out of dotted paths.
func nest(flat map[string]any) map[string]any {
	out := map[string]any{}
	for _, dotted := range slices.Sorted(maps.Keys(flat)) {
		at := out
		parts := strings.Split(dotted, ".")
		for _, part := range parts[:len(parts)-1] {
			next, ok := at[part].(map[string]any)
			if !ok {
				next = map[string]any{}
				at[part] = next
			}
			at = next
		}
		at[parts[len(parts)-1]] = flat[dotted]
	}
	return out
}

func encode(b *bytes.Buffer, m map[string]any, compare func(a, z string) int) error {
	node, err := nodeOf(m, "", compare)
	if err != nil {
		return fmt.Errorf("writing stack.yaml: %w", err)
	}
	enc := yaml.NewEncoder(b)
	enc.SetIndent(2)
	if err := enc.Encode(node); err != nil {
		return fmt.Errorf("writing stack.yaml: %w", err)
	}
	if err := enc.Close(); err != nil {
		return fmt.Errorf("writing stack.yaml: %w", err)
	}
	return nil
}

// nodeOf is YAML of maps in our order.
func nodeOf(v any, prefix string, compare func(a, z string) int) (*yaml.Node, error) {
	if list, ok := v.([]any); ok && compare != nil {
		n := &yaml.Node{Kind: yaml.SequenceNode}
		for _, one := range list {
			child, err := nodeOf(one, "item.", compare)
			if err != nil {
				return nil, err
			}
			n.Content = append(n.Content, child)
		}
		return n, nil
	}
	m, ok := v.(map[string]any)
	if !ok {
		n := &yaml.Node{}
		if err := n.Encode(v); err != nil {
			return nil, err
		}
		if n.Kind == yaml.ScalarNode && n.Value == "off" {
			n.Style = yaml.DoubleQuotedStyle
		}
		return n, nil
	}
	names := slices.Sorted(maps.Keys(m))
	if compare != nil {
		slices.SortStableFunc(names, func(a, z string) int { return compare(prefix+a, prefix+z) })
	}
	n := &yaml.Node{Kind: yaml.MappingNode}
	for _, name := range names {
		child, err := nodeOf(m[name], prefix+name+".", compare)
		if err != nil {
			return nil, err
		}
		n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: name}, child)
	}
	return n, nil
}
