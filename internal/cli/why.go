package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/control"
	"example.com/identityd/internal/stack"
	"example.com/identityd/internal/why"
)

// looked says where something was looked for and how much of it was there.
type looked struct {
	Where string `json:"where"`
	// Since is how far back it goes, zero where that is not known.
	Since time.Time `json:"since,omitzero"`
	Lines int       `json:"lines"`
	Note  string    `json:"note,omitempty"`
}

// explained is what is printed.
type explained struct {
	why.Answer
	Looked []looked `json:"looked"`
}

func (a *app) why() *cobra.Command {
	var (
		logs []string
		code string
	)
	cmd := &cobra.Command{
		Use:   "why [REQUEST_ID]",
		Short: "Say why a request or the sign-in that it belongs to ended as it did",
		Long: `Say in a sentence why a request, and the sign-in that it is a step of, ended as it did, and what to do
about it. The id is on every error page, in the answer's X-Request-Id, and in each line of the log.

Beside the id there is a code, such as page_expired: on the page, in the answer's X-Error-Code, and in
the log. With --code it says what that means and what to do, of no request and without asking anybody.

It looks into the memory of the identityd that serves from this data_dir (the last hours, until it is
restarted), into the audit trail, and with --log into logs: lines of JSON as identityd writes them, from
docker logs, docker compose logs or journalctl -o json. Give the logs of all replicas.`,
		Example: "  identityd why 4GN5MZ2BLMSOA6DLZMWFWFOGWB\n  identityd why 4GN5MZ2BLMSOA6DLZMWFWFOGWB --log identityd.log --json\n" +
			"  docker logs identityd 2>&1 | identityd why 4GN5MZ2BLMSOA6DLZMWFWFOGWB --log -\n  identityd why --code page_expired",
		Args: exactArgs(cobra.MaximumNArgs(1)),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		switch {
		case code != "" && len(args) > 0:
			return &usageError{errors.New("--code is asked of no request; leave out the id, or --code")}
		case code != "":
			return a.meaning(*asJSON, strings.TrimSpace(code))
		case len(args) == 0:
			return &usageError{fmt.Errorf("it wants the id of a request, or --code; it is used as %s", cmd.UseLine())}
		}
		id := readOut(strings.TrimSpace(args[0]))
		if !requestID.MatchString(id) {
			return &usageError{fmt.Errorf("%q is no id of a request: those have letters, digits and . _ - and are 64 long at most", id)}
		}
		out, err := a.explain(cmd, id, logs)
		if err != nil {
			return err
		}
		if out.Outcome == why.OutcomeUnknown {
			if *asJSON {
				if err := a.show(true, out, nil); err != nil {
					return err
				}
			}
			return unknownRequest(id, out.Looked)
		}
		return a.show(*asJSON, out, func(w io.Writer) { printWhy(w, out) })
	}
	a.flags.register(cmd)
	cmd.Flags().StringArrayVar(&logs, "log", nil, "a `file` of the log, - for stdin; repeatable")
	cmd.Flags().StringVar(&code, "code", "", "say what a `code` of an error page or of the log means")
	values(cmd, "code", codes()...)
	return cmd
}

// readOut is an id of ours as it was made, when somebody typed it in small letters: they are those of base32.
func readOut(id string) string {
	if len(id) == len(rand.Text()) && strings.Trim(id, "abcdefghijklmnopqrstuvwxyz234567") == "" {
		return strings.ToUpper(id)
	}
	return id
}

func codes() []string {
	var out []string
	for _, f := range why.Failures() {
		out = append(out, f.Code)
	}
	return out
}

// meaning says what a code means.
func (a *app) meaning(asJSON bool, code string) error {
	f, ok := why.Known(code)
	if !ok {
		err := fmt.Errorf("%q is no code of this version", code)
		if near := why.Near(code); len(near) > 0 {
			err = fmt.Errorf("%w; did you mean %s?", err, strings.Join(near, " or "))
		}
		return &usageError{err}
	}
	return a.show(asJSON, f, func(w io.Writer) {
		fmt.Fprintf(w, "%s\n\nWhat it means: %s\n\nWhat is seen: %s.\n\nWhat to do: %s\n", f.Code, f.Means, f.Seen, f.Cure)
	})
}

var requestID = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

// explain asks everybody who may know something.
func (a *app) explain(cmd *cobra.Command, id string, logs []string) (explained, error) {
	o, err := a.open()
	if err != nil {
		return explained{}, err
	}
	var (
		lines []why.Line
		out   explained
	)
	mem, at := remembered(cmd.Context(), o.cfg.DataDir, id)
	lines, out.Looked = append(lines, mem...), append(out.Looked, at)
	for _, name := range logs {
		found, at, err := readLog(cmd.InOrStdin(), name, id)
		if err != nil {
			return explained{}, err
		}
		lines, out.Looked = append(lines, found...), append(out.Looked, at)
	}
	requests := []string{id}
	if all := why.Requests(lines); len(all) > 0 {
		requests = all
	}
	tale, at := recorded(cmd.Context(), o, requests, func(events []why.Event) *why.Tale { return why.NewTale(id, lines, events) })
	out.Looked = append(out.Looked, at)
	out.Answer = why.Explain(tale)
	return out, nil
}

// remembered asks the identityd that runs here.
func remembered(ctx context.Context, dataDir, id string) ([]why.Line, looked) {
	at := looked{Where: "the memory of the identityd that serves from " + dataDir}
	c, err := control.Dial(dataDir)
	if err != nil {
		at.Note = "none serves from there"
		var not *control.NotRunningError
		if !errors.As(err, &not) {
			at.Note = err.Error()
		}
		return nil, at
	}
	var answer stack.Remembered
	if err := c.Call(ctx, http.MethodGet, "/why?"+url.Values{"id": {id}}.Encode(), nil, &answer); err != nil {
		at.Note = err.Error()
		return nil, at
	}
	var lines []why.Line
	for _, raw := range answer.Lines {
		if l, ok := why.Parse(raw); ok {
			lines = append(lines, l)
		}
	}
	at.Lines, at.Since = len(lines), answer.Since
	if len(lines) == 0 && answer.Plain.After(answer.Since) {
		at.Note = "requests that went as they should since " + answer.Plain.Format(time.RFC3339)
	}
	return lines, at
}

// readLog reads one log.
func readLog(stdin io.Reader, name, id string) ([]why.Line, looked, error) {
	at := looked{Where: "the log " + name}
	from := stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, at, fmt.Errorf("reading --log: %w", err)
		}
		defer f.Close()
		from = f
	} else {
		at.Where = "the log on stdin"
	}
	found, err := why.ReadLog(from, id)
	if err != nil {
		return nil, at, fmt.Errorf("%s: %w", name, err)
	}
	at.Lines, at.Since = len(found.Lines), found.First
	if found.Read == 0 {
		at.Note = fmt.Sprintf("none of its %d lines is a line of identityd's in JSON (logging.format: json)", found.Skipped)
	}
	return found.Lines, at, nil
}

// recorded asks the audit trail, and the mails that were written meanwhile. A database that does not answer is a note:
// the rest may be enough.
func recorded(ctx context.Context, o opened, requests []string, tell func([]why.Event) *why.Tale) (*why.Tale, looked) {
	at := looked{Where: "the audit trail"}
	book, err := stack.OpenAudit(ctx, o.cfg, o.opts)
	if err != nil {
		at.Note = "it cannot be read: " + err.Error()
		return tell(nil), at
	}
	defer book.Close()
	events, err := book.Why(ctx, requests)
	if err != nil {
		at.Note = "it cannot be read: " + err.Error()
	}
	at.Lines, at.Since = len(events), time.Now().Add(-o.cfg.Audit.Retention)
	tale := tell(events)
	for _, s := range tale.Steps {
		if from, until, ok := s.Writes(); ok && s.Logged {
			if s.Mails, err = book.Mails(ctx, from, until); err != nil {
				at.Note = err.Error()
			}
		}
	}
	return tale, at
}

// unknownRequest says where it looked.
func unknownRequest(id string, where []looked) error {
	var b strings.Builder
	fmt.Fprintf(&b, "looking for the request %s: it is in none of these:", id)
	for _, l := range where {
		b.WriteString("\n  " + l.Where)
		if !l.Since.IsZero() {
			b.WriteString(", since " + l.Since.Format(time.RFC3339))
		}
		if l.Note != "" {
			b.WriteString(" (" + l.Note + ")")
		}
	}
	b.WriteString("\nGive the log of that time, of all replicas, with --log FILE, or pipe it in with --log -")
	return errors.New(b.String())
}
