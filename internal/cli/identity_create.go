package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/spf13/cobra"
)

// personValues are the flags of a new person.
type personValues struct {
	schema, email, username  string
	traits                   []string
	verified                 bool
	file                     string
	hash, hashFile, password string
}

func (a *app) identityCreate() *cobra.Command {
	var v personValues
	cmd := &cobra.Command{
		Use:   "create",
		Short: "Create an account for somebody",
		Long: `Create an account. Without a password or a hash of one the person comes in by a recovery code, which
identityd identity recovery-link makes. A password is taken as it is, without the rules that forms have;
hashes that Kratos knows are too: bcrypt, argon2, scrypt, pbkdf2 and what others store.

--trait takes key=text, and key:=json for what is no text, with dots for what is within.`,
		Example: `  identityd identity create --email anna@example.com --verified
  identityd identity create --email anna@example.com --trait name.first=Anna --trait newsletter:=true --json
  identityd identity create --username anna --password-file - < password
  identityd identity create --file person.json`,
		Args: exactArgs(cobra.NoArgs),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		body, err := v.body(a, cmd)
		if err != nil {
			return err
		}
		d, err := a.reach(cmd)
		if err != nil {
			return err
		}
		defer d.Close()
		var raw json.RawMessage
		if err := d.Kratos().Call(cmd.Context(), http.MethodPost, "/admin/identities", body, &raw); err != nil {
			if isStatus(err, http.StatusConflict) {
				return errors.New("creating an account: somebody has this address or name already; identityd identity get shows who")
			}
			return fmt.Errorf("creating an account: %w", err)
		}
		var p person
		if err := json.Unmarshal(raw, &p); err != nil {
			return fmt.Errorf("creating an account: %w", err)
		}
		return a.show(*asJSON, raw, func(out io.Writer) { fmt.Fprintf(out, "identity %s created\n", p.ID) })
	}
	a.flags.register(cmd)
	a.access.register(cmd, engineKratos)
	f := cmd.Flags()
	f.StringVar(&v.email, "email", "", "the trait email, an `address`")
	f.StringVar(&v.username, "username", "", "the trait username, a `name`")
	f.StringArrayVar(&v.traits, "trait", nil, "another `trait`, as in name.first=Anna; repeatable")
	f.StringVar(&v.schema, "schema", "", "the `id` of the identity schema (identity.schema)")
	f.BoolVar(&v.verified, "verified", false, "its addresses need no verification")
	f.StringVar(&v.password, "password-file", "", "its password from this `file`, - for stdin")
	f.StringVar(&v.hash, "password-hash", "", "the `hash` of its password; --password-hash-file keeps it from the list of processes")
	f.StringVar(&v.hashFile, "password-hash-file", "", "that from this `file`, - for stdin")
	f.StringVar(&v.file, "file", "", "the whole identity as JSON, as Kratos imports it, from this `file`, - for stdin")
	return cmd
}

// body is what Kratos' admin API takes.
func (v personValues) body(a *app, cmd *cobra.Command) (map[string]any, error) {
	traits, err := v.traitsOf()
	if err != nil {
		return nil, &usageError{err}
	}
	if v.file != "" {
		if len(traits) > 0 || v.password+v.hash+v.hashFile != "" {
			return nil, &usageError{errors.New("--file is the whole identity; write the other words into it")}
		}
		body, err := jsonObject(cmd.InOrStdin(), v.file)
		if err != nil {
			return nil, &usageError{fmt.Errorf("--file: %w", err)}
		}
		return body, nil
	}
	if len(traits) == 0 {
		return nil, &usageError{errors.New("say who it is, as in --email anna@example.com")}
	}
	body := map[string]any{"traits": traits, "schema_id": v.schema}
	password, err := v.credentials(a, cmd)
	if err != nil {
		return nil, err
	}
	if password != nil {
		body["credentials"] = map[string]any{"password": map[string]any{"config": password}}
	}
	if v.verified {
		if v.email == "" {
			return nil, &usageError{errors.New("--verified is about --email; for other addresses write a --file")}
		}
		body["verifiable_addresses"] = []any{map[string]any{"value": v.email, "via": "email", "verified": true, "status": "completed"}}
	}
	return body, nil
}

func (v personValues) credentials(a *app, cmd *cobra.Command) (map[string]any, error) {
	given := 0
	for _, one := range []string{v.password, v.hash, v.hashFile} {
		if one != "" {
			given++
		}
	}
	if given > 1 {
		return nil, &usageError{errors.New("--password-file, --password-hash and --password-hash-file are three ways to say the same")}
	}
	switch {
	case v.password != "":
		text, err := oneLine(cmd.InOrStdin(), "password-file", v.password)
		return map[string]any{"password": text}, err
	case v.hash != "":
		fmt.Fprintln(a.stderr, "warning: others on this machine can read the hash among the arguments; --password-hash-file keeps it from them")
		return map[string]any{"hashed_password": v.hash}, nil
	case v.hashFile != "":
		text, err := oneLine(cmd.InOrStdin(), "password-hash-file", v.hashFile)
		return map[string]any{"hashed_password": text}, err
	}
	return nil, nil
}

func (v personValues) traitsOf() (map[string]any, error) {
	out := map[string]any{}
	if v.email != "" {
		out["email"] = v.email
	}
	if v.username != "" {
		out["username"] = v.username
	}
	for _, pair := range v.traits {
		key, text, ok := strings.Cut(pair, "=")
		if !ok || strings.Trim(key, ":.") == "" {
			return nil, fmt.Errorf("--trait wants key=text, or key:=json (got %q)", pair)
		}
		var value any = text
		if name, isJSON := strings.CutSuffix(key, ":"); isJSON {
			key = name
			if err := json.Unmarshal([]byte(text), &value); err != nil {
				return nil, fmt.Errorf("--trait %s: wants JSON after := (%w)", key, err)
			}
		}
		if err := put(out, strings.Split(key, "."), value); err != nil {
			return nil, fmt.Errorf("--trait %s: %w", key, err)
		}
	}
	return out, nil
}

// put sets what a path of names leads to.
func put(into map[string]any, path []string, value any) error {
	for _, name := range path[:len(path)-1] {
		next, ok := into[name].(map[string]any)
		if _, there := into[name]; there && !ok {
			return fmt.Errorf("%s is a value and cannot hold another", name)
		}
		if !ok {
			next = map[string]any{}
			into[name] = next
		}
		into = next
	}
	last := path[len(path)-1]
	if _, there := into[last]; there || last == "" {
		return errors.New("it is named twice, or has no name")
	}
	into[last] = value
	return nil
}
