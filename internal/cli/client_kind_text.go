package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"example.com/identityd/internal/snippet"
)

// showKind prints a client that was made, and the code that uses it.
func (a *app) showKind(k kindValues, d drafted, c oauthClient, raw json.RawMessage, p provider, code snippet.Snippet, asJSON bool) error {
	raw, err := tidyClient(raw)
	if err != nil {
		return err
	}
	said := map[string]any{
		"kind": k.kind, "issuer": p.Issuer, "client_id": c.ID, "client": raw, "provider": p, "chosen": orNoList(d.said), "snippet": code, "folder": k.out,
	}
	if c.Secret != "" {
		said["client_secret"] = c.Secret
	}
	return a.show(asJSON, said, func(out io.Writer) {
		fmt.Fprintf(out, "client %s created\n", printable(c.ID))
		if c.Secret != "" {
			fmt.Fprintf(out, "secret, not shown again: %s\n", c.Secret)
		}
		for _, line := range d.said {
			fmt.Fprintln(out, printable(line))
		}
		printKind(out, k, c, p, d)
		printCode(out, k.out, code)
	})
}

func printKind(out io.Writer, k kindValues, c oauthClient, p provider, d drafted) {
	fmt.Fprintln(out)
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	line := func(name string, values ...string) {
		fmt.Fprintf(w, "%s\t%s\n", name, orDash(strings.Join(values, ", ")))
	}
	line("KIND", k.kind)
	line("ISSUER", p.Issuer)
	line("CLIENT ID", c.ID)
	line("GRANT TYPES", c.GrantTypes...)
	line("AUTHENTICATES BY", c.AuthMethod)
	line("SCOPE", c.Scope)
	if k.kind == "machine" {
		line("TOKEN ENDPOINT", p.Token)
		w.Flush() //nolint:errcheck // as for any print
		return
	}
	line("REDIRECT URIS", c.RedirectURIs...)
	line("SIGN-OUTS END AT", c.PostLogout...)
	line("SCRIPTS OF", d.Origins...)
	line("PKCE", map[bool]string{true: "has to be sent (S256)", false: "is sent by the code below (S256)"}[c.AuthMethod == "none"])
	line("REFRESH TOKENS", "with the scope offline_access; each is good once")
	line("CONSENT", map[bool]string{true: "nobody is asked (--skip-consent)", false: "people are asked; --skip-consent is for applications of your own"}[c.SkipConsent])
	w.Flush() //nolint:errcheck // as for any print
}

func printCode(out io.Writer, folder string, code snippet.Snippet) {
	if folder != "" {
		fmt.Fprintf(out, "\n%s, in %s:\n", code.Name, folder)
		for _, f := range code.Files {
			fmt.Fprintf(out, "  %s%s\n", f.Name, map[bool]string{true: "  (the secret; keep it out of your repository)"}[f.Secret])
		}
	} else {
		fmt.Fprintf(out, "\n%s; --out FOLDER would have written these files:\n", code.Name)
		for _, f := range code.Files {
			fmt.Fprintf(out, "\n--- %s\n%s", f.Name, f.Content)
		}
	}
	if len(code.Commands) > 0 {
		fmt.Fprintln(out, "\nRun it:")
		if folder != "" {
			fmt.Fprintf(out, "  cd %s\n", folder)
		}
		for _, command := range code.Commands {
			fmt.Fprintf(out, "  %s\n", command)
		}
	}
	for _, note := range code.Notes {
		fmt.Fprintln(out, printable(note))
	}
}

// absent makes sure that nothing would be overwritten.
func absent(folder string, files []snippet.File) error {
	if folder == "" {
		return nil
	}
	for _, f := range files {
		if _, err := os.Lstat(filepath.Join(folder, f.Name)); !errors.Is(err, fs.ErrNotExist) {
			return &usageError{fmt.Errorf("--out: %s is there already, and stays as it is; name another folder", filepath.Join(folder, f.Name))}
		}
	}
	return nil
}

// writeFiles writes what is not there yet. What holds a secret is for its owner alone.
func writeFiles(folder string, files []snippet.File) error {
	if folder == "" {
		return nil
	}
	for _, f := range files {
		to := filepath.Join(folder, f.Name)
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return fmt.Errorf("writing the code: %w", err)
		}
		mode := os.FileMode(0o644)
		if f.Secret {
			mode = 0o600
		}
		file, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
		if err != nil {
			return fmt.Errorf("writing the code: %w", err)
		}
		if err := fill(file, []byte(f.Content)); err != nil {
			return fmt.Errorf("writing the code: %w", err)
		}
	}
	return nil
}
