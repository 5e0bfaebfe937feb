package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// clientFlag is a word of a client, called as in Hydra's own command line (hydra: cmd/cmd_helper_client.go).
type clientFlag struct{ name, field, usage string }

// The flags of create and update, by the kind of their values.
func clientTexts() []clientFlag {
	return []clientFlag{
		{"name", "client_name", "the `name` that people see"},
		{"token-endpoint-auth-method", "token_endpoint_auth_method", "the `method`: client_secret_basic, client_secret_post, private_key_jwt or none"},
		{"access-token-strategy", "access_token_strategy", "the `format`: opaque or jwt (as tokens.format says)"},
		{"jwks-uri", "jwks_uri", "the `URL` of the keys of private_key_jwt"},
		{"owner", "owner", "whose it is, a `text` for people"},
		{"client-uri", "client_uri", "the `URL` of its page"},
		{"logo-uri", "logo_uri", "the `URL` of its logo"},
		{"policy-uri", "policy_uri", "the `URL` of its privacy policy"},
		{"tos-uri", "tos_uri", "the `URL` of its terms of service"},
		{"subject-type", "subject_type", "the `type` of subjects: public or pairwise"},
		{"sector-identifier-uri", "sector_identifier_uri", "the `URL` of the list of addresses of a pairwise client"},
		{"request-object-signing-alg", "request_object_signing_alg", "the `algorithm` of its request objects"},
		{"backchannel-logout-callback", "backchannel_logout_uri", "the `URL` that is told when a session ended"},
		{"frontchannel-logout-callback", "frontchannel_logout_uri", "the `URL` that the browser opens when a session ends"},
	}
}

func clientLists() []clientFlag {
	return []clientFlag{
		{"grant-type", "grant_types", "the `grants`: authorization_code, refresh_token, client_credentials, ..."},
		{"response-type", "response_types", "the `types` of responses: code, ..."},
		{"redirect-uri", "redirect_uris", "the `URLs` where a sign-in may end"},
		{"post-logout-callback", "post_logout_redirect_uris", "the `URLs` where a sign-out may end"},
		{"audience", "audience", "the `audiences` that it may ask for tokens for"},
		{"allowed-cors-origin", "allowed_cors_origins", "the `origins` whose scripts may call the token endpoint"},
		{"contact", "contacts", "the `addresses` of who answers for it"},
		{"request-uri", "request_uris", "the `URLs` where its request objects may be"},
	}
}

func clientSwitches() []clientFlag {
	return []clientFlag{
		{"skip-consent", "skip_consent", "ask nobody: it is one of our own"},
		{"skip-logout-consent", "skip_logout_consent", "sign out without asking"},
		{"backchannel-logout-session-required", "backchannel_logout_session_required", "tell it the session too"},
		{"frontchannel-logout-session-required", "frontchannel_logout_session_required", "tell the browser the session too"},
	}
}

// clientValues are the flags of a client.
type clientValues struct{ file, secret, secretFile string }

func (v *clientValues) register(cmd *cobra.Command) {
	f := cmd.Flags()
	for _, each := range clientTexts() {
		f.String(each.name, "", each.usage)
	}
	for _, each := range clientLists() {
		f.StringSlice(each.name, nil, each.usage+"; repeatable")
	}
	for _, each := range clientSwitches() {
		f.Bool(each.name, false, each.usage)
	}
	f.StringSlice("scope", nil, "the `scopes` that it may ask for; repeatable")
	registerClaims(f)
	f.String("metadata", "", "an `object` of your own, as JSON")
	values(cmd, "token-endpoint-auth-method", "client_secret_basic", "client_secret_post", "private_key_jwt", "none")
	values(cmd, "access-token-strategy", "opaque", "jwt")
	values(cmd, "subject-type", "public", "pairwise")
	values(cmd, "grant-type", "authorization_code", "refresh_token", "client_credentials", "urn:ietf:params:oauth:grant-type:jwt-bearer")
	f.StringVar(&v.file, "file", "", "the whole client as JSON from this `file`, - for stdin")
	f.StringVar(&v.secretFile, "secret-file", "", "its secret from this `file`, - for stdin")
	f.StringVar(&v.secret, "secret", "", "its `secret`; others on this machine can read arguments, --secret-file keeps it from them")
}

// fields are what was named, in the words of the API.
func (v *clientValues) fields(a *app, cmd *cobra.Command) (map[string]any, error) {
	f := cmd.Flags()
	out := map[string]any{}
	for _, each := range clientTexts() {
		if f.Changed(each.name) {
			out[each.field], _ = f.GetString(each.name)
		}
	}
	for _, each := range clientLists() {
		if f.Changed(each.name) {
			out[each.field] = listOf(f, each.name)
		}
	}
	for _, each := range clientSwitches() {
		if f.Changed(each.name) {
			out[each.field], _ = f.GetBool(each.name)
		}
	}
	if f.Changed("scope") {
		out["scope"] = strings.Join(listOf(f, "scope"), " ")
	}
	if text, _ := f.GetString("metadata"); text != "" {
		var own map[string]any
		if err := json.Unmarshal([]byte(text), &own); err != nil {
			return nil, &usageError{fmt.Errorf("--metadata wants a JSON object: %w", err)}
		}
		out["metadata"] = own
	}
	secret, err := v.readSecret(a, cmd)
	if err != nil {
		return nil, err
	}
	if secret != "" {
		out["client_secret"] = secret
	}
	if v.file != "" {
		if len(out) > 0 || f.Changed("claim") {
			return nil, &usageError{errors.New("--file is the whole client; write the other words into it")}
		}
		if out, err = jsonObject(cmd.InOrStdin(), v.file); err != nil {
			return nil, &usageError{fmt.Errorf("--file: %w", err)}
		}
	}
	return out, claimless(out)
}

// claimless refuses the mark of clients that stack.yaml declares: the next start would change or delete the
// client as its own.
func claimless(fields map[string]any) error {
	if own, ok := fields["metadata"].(map[string]any); ok {
		if _, marked := own["identityd"]; marked {
			return &usageError{errors.New(`the key "identityd" of metadata says that a client is of stack.yaml; leave it out`)}
		}
	}
	return nil
}

func (v *clientValues) readSecret(a *app, cmd *cobra.Command) (string, error) {
	if v.secret != "" && v.secretFile != "" {
		return "", &usageError{errors.New("--secret and --secret-file are two ways to say the same")}
	}
	if v.secret != "" {
		fmt.Fprintln(a.stderr, "warning: others on this machine can read the secret among the arguments; --secret-file keeps it from them")
		return v.secret, nil
	}
	return oneLine(cmd.InOrStdin(), "secret-file", v.secretFile)
}

func listOf(f *pflag.FlagSet, name string) []string {
	out := []string{}
	list, _ := f.GetStringSlice(name)
	for _, one := range list {
		if one != "" { // --redirect-uri "" empties a list
			out = append(out, one)
		}
	}
	return out
}

// maxInput bounds what is read of a file or of the standard input.
const maxInput = 1 << 20

// readInput reads a file, or the standard input for -.
func readInput(stdin io.Reader, file string) ([]byte, error) {
	if file == "-" {
		return io.ReadAll(io.LimitReader(stdin, maxInput))
	}
	return os.ReadFile(file)
}

// jsonObject reads an object out of a file.
func jsonObject(stdin io.Reader, file string) (map[string]any, error) {
	raw, err := readInput(stdin, file)
	if err != nil {
		return nil, err
	}
	var out map[string]any
	if err := json.Unmarshal(raw, &out); err != nil || out == nil {
		return nil, fmt.Errorf("%s is no JSON object: %w", file, err)
	}
	return out, nil
}

// oneLine reads what is secret out of a file: one line, which may end with a break that is not part of it.
func oneLine(stdin io.Reader, flag, file string) (string, error) {
	if file == "" {
		return "", nil
	}
	raw, err := readInput(stdin, file)
	if err != nil {
		return "", &usageError{fmt.Errorf("--%s: %w", flag, err)}
	}
	line := strings.TrimRight(string(raw), "\r\n")
	if line == "" || strings.ContainsAny(line, "\r\n") {
		return "", &usageError{fmt.Errorf("--%s: %s has to hold one line", flag, file)}
	}
	return line, nil
}
