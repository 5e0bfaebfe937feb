package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func (a *app) man() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "man FOLDER",
		Short: "Write the manual pages",
		Long: `Write a manual page for each command into a folder, which is made where it is missing: identityd.1,
identityd-serve.1 and so on, for section 1. The same version writes the same pages.`,
		Example: "  identityd man /usr/local/share/man/man1\n  identityd man ./man && man ./man/identityd-serve.1",
		Args:    exactArgs(cobra.ExactArgs(1)),
	}
	asJSON := jsonFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		written, err := writeManual(cmd.Root(), args[0])
		if err != nil {
			return err
		}
		return a.show(*asJSON, map[string][]string{"pages": written}, func(w io.Writer) {
			fmt.Fprintf(w, "%d pages written to %s\n", len(written), args[0])
		})
	}
	return cmd
}

// writeManual writes the page of each command that is shown. It writes roff by itself: what cobra offers
// goes by way of Markdown, which takes <time> for HTML and an indented line for text (docs/adr/0056-one-voice.md).
func writeManual(root *cobra.Command, folder string) ([]string, error) {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, fmt.Errorf("making the folder of the pages: %w", err)
	}
	var written []string
	for _, cmd := range visible(root) {
		path := filepath.Join(folder, pageOf(cmd)+".1")
		page, err := os.Create(path)
		if err == nil {
			err = fill(page, []byte(manPage(cmd)))
		}
		if err != nil {
			return written, fmt.Errorf("writing a page: %w", err)
		}
		written = append(written, path)
	}
	return written, nil
}

// visible are a command and all below it that its help shows, parents first.
func visible(cmd *cobra.Command) []*cobra.Command {
	out := []*cobra.Command{cmd}
	for _, child := range cmd.Commands() {
		if child.IsAvailableCommand() {
			out = append(out, visible(child)...)
		}
	}
	return out
}

func pageOf(cmd *cobra.Command) string { return strings.ReplaceAll(cmd.CommandPath(), " ", "-") }

func manPage(cmd *cobra.Command) string {
	var b strings.Builder
	name := pageOf(cmd)
	fmt.Fprintf(&b, ".TH %s 1 \"\" \"identityd %s\" \"identityd\"\n", roff(strings.ToUpper(name)), roff(version))
	b.WriteString(".nh\n.ad l\n") // a word that is broken in two cannot be searched for
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n", roff(name), roff(cmd.Short))
	fmt.Fprintf(&b, ".SH SYNOPSIS\n.B %s\n", roff(cmd.UseLine()))
	b.WriteString(".SH DESCRIPTION\n")
	if cmd.Long == "" {
		b.WriteString(roffText(cmd.Short + "."))
	} else {
		b.WriteString(roffText(cmd.Long))
	}
	b.WriteString(roffFlags(cmd))
	if cmd.Example != "" {
		fmt.Fprintf(&b, ".SH EXAMPLES\n.nf\n%s\n.fi\n", roff(strings.TrimRight(cmd.Example, "\n")))
	}
	b.WriteString(".SH EXIT STATUS\n0 when it is done, 1 when it failed, 2 when arguments or configuration are wrong.\n")
	var also []string
	if cmd.HasParent() {
		also = append(also, ".BR "+roff(pageOf(cmd.Parent()))+" (1)")
	}
	for _, child := range cmd.Commands() {
		if child.IsAvailableCommand() {
			also = append(also, ".BR "+roff(pageOf(child))+" (1)")
		}
	}
	if len(also) > 0 {
		b.WriteString(".SH SEE ALSO\n" + strings.Join(also, "\n") + "\n")
	}
	return b.String()
}

func roffFlags(cmd *cobra.Command) string {
	var b strings.Builder
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if f.Hidden {
			return
		}
		what, usage := pflag.UnquoteUsage(f)
		names := "--" + f.Name
		if f.Shorthand != "" {
			names = "-" + f.Shorthand + ", " + names
		}
		if what != "" {
			names += " " + what
		}
		if shown(f) {
			usage += " (default " + f.DefValue + ")"
		}
		fmt.Fprintf(&b, ".TP\n.B %s\n%s\n", roff(names), roff(usage))
	})
	if b.Len() == 0 {
		return ""
	}
	return ".SH OPTIONS\n" + b.String()
}

// shown tells a default that says something.
func shown(f *pflag.Flag) bool {
	return f.DefValue != "" && f.DefValue != "false" && f.DefValue != "[]" && f.DefValue != "0" && f.DefValue != "0s"
}

// roffText fills paragraphs, and leaves lines that are indented as they are.
func roffText(text string) string {
	var b strings.Builder
	asIs := false
	for line := range strings.Lines(strings.TrimRight(text, "\n") + "\n") {
		line = strings.TrimSuffix(line, "\n")
		indented := strings.HasPrefix(line, " ")
		switch {
		case line == "":
			if asIs {
				b.WriteString(".fi\n")
				asIs = false
			}
			b.WriteString(".PP\n")
			continue
		case indented && !asIs:
			b.WriteString(".nf\n")
		case !indented && asIs:
			b.WriteString(".fi\n")
		}
		asIs = indented
		b.WriteString(roff(line) + "\n")
	}
	if asIs {
		b.WriteString(".fi\n")
	}
	return b.String()
}

// roff keeps text from being taken for commands of roff, and hyphens from becoming typographic ones, which
// nobody could copy into a shell.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}
