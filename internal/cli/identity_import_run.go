package cli

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/peoplefile"
)

const (
	pathImport  = "/admin/identityd/identities/import"
	pathSchemas = "/admin/identityd/schemas"
)

// mostSent bounds a request, below what the admin API reads.
const mostSent = 700 << 10

// importResult is what came of a file.
type importResult struct {
	DryRun    bool `json:"dry_run"`
	Read      int  `json:"read"`
	Created   int  `json:"created"`
	Updated   int  `json:"updated"`
	Unchanged int  `json:"unchanged"`
	Refused   int  `json:"refused"`
	// KeptPasswords are of people who signed in or changed theirs since the last import.
	KeptPasswords int                `json:"kept_passwords"`
	Faults        []peoplefile.Fault `json:"faults"`
	// MoreFaults are those that are not shown.
	MoreFaults int `json:"more_faults"`
	// Left counts what the other system says and the import has no place for.
	Left       map[string]int `json:"left_out"`
	WithoutWay int            `json:"without_password"`
	Seconds    float64        `json:"seconds"`
}

// importRun is one import under way.
type importRun struct {
	d      *admin
	flags  peopleFlags
	result importResult
	batch  []json.RawMessage
	bytes  int
	// seen are the lines of digests of what may be there once. A file of a million people is 100 MB of them at most.
	seen  map[[8]byte]int
	began time.Time
	told  time.Time
	bar   *progressBar
	out   io.Writer
}

func (a *app) runImport(cmd *cobra.Command, d *admin, f peopleFlags, name string, asJSON bool) error {
	schema, err := importSchema(cmd.Context(), d, f.schema)
	if err != nil {
		return err
	}
	traits := map[string]bool{}
	for _, t := range schema.Traits {
		traits[t] = true
	}
	source, err := f.source(cmd.InOrStdin(), name, traits)
	if err != nil {
		var wrong *usageError
		if errors.As(err, &wrong) {
			return err
		}
		return fmt.Errorf("reading %s: %w", name, err)
	}
	defer source.end()
	r := &importRun{d: d, flags: f, seen: map[[8]byte]int{}, began: time.Now(), out: a.stderr}
	r.result = importResult{DryRun: f.dryRun, Faults: []peoplefile.Fault{}, Left: source.left}
	if terminal(a.stderr) {
		r.bar = newBar(a.stderr)
	}
	err = r.all(cmd.Context(), source)
	if r.bar != nil {
		r.bar.close()
	}
	if err != nil {
		return fmt.Errorf("importing %s, %d people in: %w", name, r.result.Read, err)
	}
	r.result.Seconds = time.Since(r.began).Round(10 * time.Millisecond).Seconds()
	if err := a.show(asJSON, r.result, r.result.print); err != nil {
		return err
	}
	if r.result.Refused > 0 {
		return fmt.Errorf("%s: mend the lines above and run it again; who was imported stays as is", plural(r.result.Refused, "person was refused", "people were refused"))
	}
	return nil
}

// importSchema is what the traits of people without a schema of their own go by.
func importSchema(ctx context.Context, d *admin, id string) (schemaListed, error) {
	list, err := listSchemas(ctx, d)
	if err != nil {
		return schemaListed{}, err
	}
	var ids []string
	for _, s := range list {
		if s.ID == id || id == "" && s.Default {
			return s, nil
		}
		ids = append(ids, s.ID)
	}
	return schemaListed{}, &usageError{fmt.Errorf("--schema wants one of %s (got %q); identity.schemas of stack.yaml takes others", strings.Join(ids, ", "), id)}
}

// all reads the file to its end, and sends a batch whenever there is one.
func (r *importRun) all(ctx context.Context, source *importSource) error {
	for {
		p, err := source.Next()
		var fault *peoplefile.Fault
		switch {
		case errors.Is(err, io.EOF):
			return r.send(ctx, source, true)
		case errors.As(err, &fault):
			r.result.Read++
			r.result.Refused++
			r.note(*fault)
			continue
		case err != nil:
			return errors.Join(err, r.send(ctx, source, true))
		}
		r.result.Read++
		if fault := r.twice(p); fault != nil {
			r.result.Refused++
			r.note(*fault)
			continue
		}
		if p.Schema == "" {
			p.Schema = r.flags.schema
		}
		if p.PasswordHash == "" && len(p.Providers) == 0 {
			r.result.WithoutWay++
		}
		raw, err := json.Marshal(p)
		if err != nil {
			return fmt.Errorf("encoding a person: %w", err)
		}
		if len(r.batch) > 0 && r.bytes+len(raw) > mostSent {
			if err := r.send(ctx, source, false); err != nil {
				return err
			}
		}
		r.batch, r.bytes = append(r.batch, raw), r.bytes+len(raw)
		if len(r.batch) >= r.flags.batch {
			if err := r.send(ctx, source, false); err != nil {
				return err
			}
		}
	}
}

// twice says that somebody is in the file before. Of several, the first is the one who is imported.
func (r *importRun) twice(p *peoplefile.Person) *peoplefile.Fault {
	email, _ := p.Traits["email"].(string)
	username, _ := p.Traits["username"].(string)
	for _, one := range []struct{ field, value string }{
		{"external_id", p.ExternalID}, {"email", strings.ToLower(email)}, {"username", strings.ToLower(username)},
	} {
		if one.value == "" {
			continue
		}
		sum := sha256.Sum256([]byte(one.field + "\x00" + one.value))
		key := [8]byte(sum[:8])
		if line := r.seen[key]; line > 0 {
			return &peoplefile.Fault{Line: p.Line, Field: one.field, Reason: fmt.Sprintf("is that of line %d", line)}
		}
		r.seen[key] = p.Line
	}
	return nil
}

// send has a batch stored, and notes what became of each.
func (r *importRun) send(ctx context.Context, source *importSource, last bool) error {
	if len(r.batch) > 0 {
		var answer struct {
			People []struct {
				Outcome string             `json:"outcome"`
				Kept    []string           `json:"kept"`
				Faults  []peoplefile.Fault `json:"faults"`
			} `json:"people"`
		}
		body := map[string]any{"people": r.batch, "dry_run": r.flags.dryRun}
		if err := r.d.Kratos().Call(ctx, http.MethodPost, pathImport, body, &answer); err != nil {
			return fmt.Errorf("%w; run it again, it goes on where this one ended", err)
		}
		r.batch, r.bytes = nil, 0
		for _, p := range answer.People {
			switch p.Outcome {
			case "created":
				r.result.Created++
			case "updated":
				r.result.Updated++
			case "unchanged":
				r.result.Unchanged++
			default:
				r.result.Refused++
			}
			if slices.Contains(p.Kept, "password_hash") {
				r.result.KeptPasswords++
			}
			for _, f := range p.Faults {
				r.note(f)
			}
		}
	}
	r.tell(source, last)
	return nil
}

// note keeps a fault, as long as there are not too many to show.
func (r *importRun) note(f peoplefile.Fault) {
	if len(r.result.Faults) < r.flags.errors {
		r.result.Faults = append(r.result.Faults, f)
		return
	}
	r.result.MoreFaults++
}

// importLineEvery is how often progress is told where no terminal is.
const importLineEvery = 10 * time.Second

func (r *importRun) tell(source *importSource, last bool) {
	read, size, took := source.read, source.size, time.Since(r.began)
	people := r.result.Read
	text := func() string { return importLine(people, read, size, took) }
	switch {
	case r.bar != nil:
		r.bar.line.set(text, last)
	case !last && time.Since(r.told) > importLineEvery && took > importLineEvery:
		r.told = time.Now()
		fmt.Fprintln(r.out, text())
	}
}

func importLine(people int, read, size int64, took time.Duration) string {
	line := fmt.Sprintf("%d people", people)
	if size > 0 {
		line = bar(int(read*100/size), 100) + " " + line
	}
	if seconds := took.Seconds(); seconds >= 1 {
		line += fmt.Sprintf(", %.0f a second", float64(people)/seconds)
	}
	return line
}

func (i importResult) print(out io.Writer) {
	for _, f := range i.Faults {
		fmt.Fprintln(out, printable(f.Error()))
	}
	if i.MoreFaults > 0 {
		fmt.Fprintf(out, "and %s; --errors shows more\n", plural(i.MoreFaults, "other fault", "other faults"))
	}
	verb := map[bool]string{true: "would be ", false: ""}[i.DryRun]
	fmt.Fprintf(out, "%s read: %d %screated, %d %supdated, %d unchanged, %d refused\n",
		plural(i.Read, "person", "people"), i.Created, verb, i.Updated, verb, i.Unchanged, i.Refused)
	if i.KeptPasswords > 0 {
		fmt.Fprintf(out, "%s kept as the person has it here\n", plural(i.KeptPasswords, "password was", "passwords were"))
	}
	if i.WithoutWay > 0 {
		fmt.Fprintf(out, "%s no password in the file and may come in by recovery\n", plural(i.WithoutWay, "person has", "people have"))
	}
	for _, name := range slices.Sorted(maps.Keys(i.Left)) {
		cure := "; --map says where it goes"
		if strings.Contains(name, " ") { // it is no attribute: nothing here can hold it
			cure = ""
		}
		fmt.Fprintf(out, "left out: %s, of %s%s\n", printable(name), plural(i.Left[name], "person", "people"), cure)
	}
}

// plural is a count in the form that belongs to it.
func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
