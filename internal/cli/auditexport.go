package cli

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/audit"
	"example.com/identityd/internal/config"
)

// auditFilter are the flags that choose records.
type auditFilter struct {
	kinds                         []string
	subject, client, since, until string
}

func (f *auditFilter) register(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&f.kinds, "kind", nil, "only this `kind`, such as LoginFailed; repeatable")
	cmd.Flags().StringVar(&f.subject, "subject", "", "only on the identity with this `id`")
	cmd.Flags().StringVar(&f.client, "client", "", "only of the OAuth2 client with this `id`")
	cmd.Flags().StringVar(&f.since, "since", "", "from this `moment` on: an age (24h, 30d) or a time (2026-11-27T09:00:00Z)")
	values(cmd, "kind", audit.KindNames()...)
}

func (f *auditFilter) filter() (audit.Filter, error) {
	out := audit.Filter{Kinds: f.kinds, Subject: f.subject, Client: f.client}
	if err := audit.CheckKinds(f.kinds); err != nil {
		return out, &usageError{fmt.Errorf("--kind: %w", err)}
	}
	for _, w := range []struct {
		flag, text string
		into       *time.Time
	}{{"--since", f.since, &out.Since}, {"--until", f.until, &out.Until}} {
		if w.text == "" {
			continue
		}
		at, err := moment(w.text)
		if err != nil {
			return out, &usageError{fmt.Errorf("%s: %w", w.flag, err)}
		}
		*w.into = at
	}
	return out, nil
}

// moment reads an age or a time.
func moment(text string) (time.Time, error) {
	if age, ok := config.ParseAge(text); ok {
		return time.Now().Add(-age), nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is neither an age (24h, 30d) nor a time (2026-11-27 or 2026-11-27T09:00:00Z)", text)
}

func (a *app) auditExport() *cobra.Command {
	var (
		chosen auditFilter
		format string
	)
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Print all records of a time, as JSON lines or CSV",
		Long: `Print all records that are chosen, in the order of time. JSON lines have everything that the hash of a
record is made of, so that they can be verified without the database (docs/audit.md).`,
		Example: "  identityd audit export --since 2026-11-01 --until 2026-12-01 > november.jsonl\n" +
			"  identityd audit export --since 30d --format csv --kind AdminChange",
		Args: exactArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			filter, err := chosen.filter()
			if err != nil {
				return err
			}
			if format != "jsonl" && format != "csv" {
				return &usageError{fmt.Errorf("--format: must be jsonl or csv (got %q)", format)}
			}
			book, err := a.book(cmd)
			if err != nil {
				return err
			}
			defer book.Close()
			if format == "jsonl" {
				return book.Each(cmd.Context(), filter, lineOf(a.stdout, true))
			}
			w := csv.NewWriter(a.stdout)
			if err := w.Write(csvHeader()); err != nil {
				return err
			}
			err = book.Each(cmd.Context(), filter, func(r audit.Read) error { return w.Write(csvRow(r)) })
			w.Flush()
			if err == nil {
				err = w.Error()
			}
			return err
		},
	}
	a.flags.register(cmd)
	chosen.register(cmd)
	cmd.Flags().StringVar(&chosen.until, "until", "", "before this `moment`: an age or a time")
	cmd.Flags().StringVar(&format, "format", "jsonl", "the `format`: jsonl or csv")
	values(cmd, "format", "jsonl", "csv")
	return cmd
}

// lineOf prints a record on a line.
func lineOf(out io.Writer, asJSON bool) func(audit.Read) error {
	if asJSON {
		e := json.NewEncoder(jsonOnly{out})
		e.SetEscapeHTML(false)
		return func(r audit.Read) error { return e.Encode(r) }
	}
	return func(r audit.Read) error {
		_, err := fmt.Fprintln(out, printable(r.Line())) // details have names that strangers chose
		return err
	}
}

func csvHeader() []string {
	return []string{
		"time", "kind", "outcome", "actor", "subject", "client", "session", "request", "region", "address", "agent",
		"details", "writer", "seq", "hash",
	}
}

func csvRow(r audit.Read) []string {
	row := []string{
		r.When().UTC().Format("2006-01-02T15:04:05.000Z"), r.Kind, string(r.Outcome), r.Actor, r.Subject, r.Client,
		r.Session, r.Request, r.Region, r.Address, r.Agent, r.Details, r.Writer, strconv.FormatInt(r.Seq, 10), r.Hash,
	}
	for i, cell := range row {
		// A spreadsheet would take it for a formula, and strangers choose what is in some of them.
		if cell != "" && (cell[0] == '=' || cell[0] == '+' || cell[0] == '-' || cell[0] == '@' || cell[0] == '\t' || cell[0] == '\r') {
			row[i] = "'" + cell
		}
	}
	return row
}
