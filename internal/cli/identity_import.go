package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/peoplefile"
)

// peopleFlags say what is in a file of people.
type peopleFlags struct {
	from, format, schema  string
	mapped                []string
	passwords, hashConfig string
	dryRun                bool
	batch, errors         int
}

func (a *app) identityImport() *cobra.Command {
	var f peopleFlags
	cmd := &cobra.Command{
		Use:   "import FILE",
		Short: "Bring people along from elsewhere, with their passwords",
		Long: `Import people from a file, - for stdin: a table (CSV) whose header names the columns, one JSON object a
line with the same words or as Kratos' admin API takes a person, or with --from the export of another system.

Columns are external_id, email, email_verified, username, name, phone, groups, roles, password_hash, state,
created_at, totp_secret, schema_id, and traits.NAME, metadata_public.NAME, metadata_admin.NAME; --map says
where others go. Who has no external_id is known by what they sign in with.

It can be run again, after it broke off or with a newer file: who was imported is changed in what the file
says otherwise than the last time, and nowhere else. A password follows the file until the person signs in or
changes it here. With --dry-run all of it is checked and nothing stored.`,
		Example: `  identityd identity import people.csv --dry-run
  identityd identity import people.csv --map Mail=email --map Department=metadata_public.department
  identityd identity import --from auth0 users.json --passwords hashes.json
  identityd identity import --from keycloak realm.json
  identityd identity import --from firebase users.json --hash-config hash-config.txt
  identityd identity import --from cognito users.csv --json`,
		Args: exactArgs(cobra.ExactArgs(1)),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := f.check(); err != nil {
			return &usageError{err}
		}
		d, err := a.reach(cmd)
		if err != nil {
			return err
		}
		defer d.Close()
		return a.runImport(cmd, d, f, args[0], *asJSON)
	}
	a.flags.register(cmd)
	a.access.register(cmd, engineKratos)
	o := cmd.Flags()
	o.StringVar(&f.from, "from", "", "the `system` that exported the file: "+strings.Join(peoplefile.Recipes(), ", "))
	o.StringVar(&f.format, "format", "", "csv or jsonl; by default what the `name` of the file ends with")
	o.StringArrayVar(&f.mapped, "map", nil, "where a `column` goes, as in Mail=email, or COLUMN=- to leave it out; repeatable")
	o.StringVar(&f.schema, "schema", "", "the `id` of the identity schema of people for whom the file names none (identity.schema)")
	o.StringVar(&f.passwords, "passwords", "", "with --from auth0: the `file` of its export of password hashes")
	o.StringVar(&f.hashConfig, "hash-config", "", "with --from firebase: a `file` with the password hash parameters that its console shows")
	o.BoolVar(&f.dryRun, "dry-run", false, "say what would be done, and do nothing")
	o.IntVar(&f.batch, "batch", 200, "how many people are stored at once, 1 to 500 `people`")
	o.IntVar(&f.errors, "errors", 100, "how many `faults` are shown; all are counted")
	return cmd
}

func (f peopleFlags) check() error {
	switch {
	case f.from != "" && !slices.Contains(peoplefile.Recipes(), f.from):
		return fmt.Errorf("--from wants %s (got %q)", strings.Join(peoplefile.Recipes(), ", "), f.from)
	case f.from != "" && f.format != "":
		return errors.New("--from knows the format; leave --format out")
	case f.format != "" && f.format != "csv" && f.format != "jsonl":
		return fmt.Errorf("--format wants csv or jsonl (got %q)", f.format)
	case f.passwords != "" && f.from != "auth0":
		return errors.New("--passwords is the export of password hashes that Auth0 makes; it needs --from auth0")
	case f.hashConfig != "" && f.from != "firebase":
		return errors.New("--hash-config is of Firebase; it needs --from firebase")
	case f.batch < 1 || f.batch > 500:
		return fmt.Errorf("--batch wants 1 to 500 (got %d)", f.batch)
	case f.errors < 0:
		return fmt.Errorf("--errors wants a number (got %d)", f.errors)
	}
	mapped, err := f.places()
	if err != nil {
		return err
	}
	return peoplefile.CheckMap(mapped)
}

func (f peopleFlags) places() (map[string]string, error) {
	out := map[string]string{}
	for _, pair := range f.mapped {
		column, to, ok := strings.Cut(pair, "=")
		if !ok || column == "" || to == "" {
			return nil, fmt.Errorf("--map wants COLUMN=PLACE, as in Mail=email (got %q)", pair)
		}
		out[column] = to
	}
	return out, nil
}

// source opens the file.
func (f peopleFlags) source(stdin io.Reader, name string, traits map[string]bool) (*importSource, error) {
	format := cmp.Or(f.format, strings.TrimPrefix(strings.ToLower(filepath.Ext(name)), "."))
	if f.from == "" && !slices.Contains([]string{"csv", "jsonl", "ndjson", "json"}, format) {
		return nil, &usageError{errors.New("say what the file is with --format csv or jsonl, or whose export with --from")}
	}
	mapped, err := f.places()
	if err != nil {
		return nil, err
	}
	s := &importSource{in: stdin, left: peoplefile.Left{}}
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		s.in, s.close = file, file.Close
		if info, err := file.Stat(); err == nil && info.Mode().IsRegular() {
			s.size = info.Size()
		}
	}
	switch {
	case f.from != "":
		s.Source, err = f.recipe(s, mapped, traits)
	case format == "csv":
		s.Source, err = peoplefile.CSV(s, mapped)
	default:
		s.Source = peoplefile.JSONLines(s, mapped)
	}
	if err != nil {
		s.end()
		return nil, err
	}
	return s, nil
}

func (f peopleFlags) recipe(s *importSource, mapped map[string]string, traits map[string]bool) (peoplefile.Source, error) {
	o := peoplefile.Options{Map: mapped, Traits: traits, Left: s.left}
	if f.passwords != "" {
		file, err := os.Open(f.passwords)
		if err != nil {
			return nil, fmt.Errorf("--passwords: %w", err)
		}
		defer file.Close()
		o.Passwords = file
	}
	if f.hashConfig != "" {
		raw, err := os.ReadFile(f.hashConfig)
		if err != nil {
			return nil, fmt.Errorf("--hash-config: %w", err)
		}
		o.HashConfig = string(raw)
	}
	return peoplefile.Recipe(f.from, s, o)
}

// importSource is a file of people, and how far it was read.
type importSource struct {
	peoplefile.Source
	in         io.Reader
	close      func() error
	read, size int64
	left       peoplefile.Left
}

// Read implements io.Reader.
func (s *importSource) Read(p []byte) (int, error) {
	n, err := s.in.Read(p)
	s.read += int64(n)
	return n, err
}

func (s *importSource) end() {
	if s.close != nil {
		s.close() //nolint:errcheck // it was only read
	}
}
