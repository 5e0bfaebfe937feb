package cli

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/stack"
)

// opened is what most commands begin with.
type opened struct {
	cfg  config.Config
	opts stack.Options // Log and Version are set
}

// open reads the configuration and makes the logger that it asks for.
func (a *app) open() (opened, error) { return a.openWith(func(*config.Options) {}) }

// openWith reads the configuration with other options than those of the flags.
func (a *app) openWith(change func(*config.Options)) (opened, error) {
	cfg, err := a.loadWith(change)
	if err != nil {
		return opened{}, err
	}
	log, err := a.logger(cfg.Logging)
	if err != nil {
		return opened{}, err
	}
	return opened{cfg: cfg, opts: stack.Options{Log: log, Version: version}}, nil
}

// show prints what a command found: v for programs, or text for people.
func (a *app) show(asJSON bool, v any, text func(io.Writer)) error {
	return showTo(a.stdout, asJSON, v, text)
}

// showTo prints to another place than stdout, where that has something else to hold.
func showTo(out io.Writer, asJSON bool, v any, text func(io.Writer)) error {
	var b bytes.Buffer
	if asJSON {
		e := json.NewEncoder(jsonOnly{&b})
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		if err := e.Encode(v); err != nil {
			return fmt.Errorf("encoding JSON: %w", err)
		}
	} else {
		text(&b)
	}
	// In one piece, so that a pipe that is closed early is one error.
	if _, err := out.Write(b.Bytes()); err != nil {
		return fmt.Errorf("writing the result: %w", err)
	}
	return nil
}

// jsonFlag is the flag of every command that prints a result.
func jsonFlag(cmd *cobra.Command) *bool { return cmd.Flags().Bool("json", false, "print JSON") }

// group is a noun: alone it shows its help, and it refuses a verb that it does not have.
func group(use, short, long string, children ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use: use, Short: short, Long: long, Args: knownCommand,
		// Without it cobra shows the help for a mistyped command, and calls that a success.
		RunE:                       func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		SuggestionsMinimumDistance: 2,
		DisableFlagsInUseLine:      true,
		Annotations:                map[string]string{groupAnnotation: ""},
	}
	cmd.AddCommand(children...)
	return cmd
}

// groupAnnotation tells a noun from a command that does something.
const groupAnnotation = "group"

// confirm asks before what cannot be taken back: on a terminal the person there, elsewhere for --yes. what
// is a question without its mark, such as "delete client shop and its tokens".
func (a *app) confirm(cmd *cobra.Command, yes bool, what string) error {
	if yes {
		return nil
	}
	if in := cmd.InOrStdin(); terminal(in) {
		answer, err := a.ask(in, what+"?")
		switch {
		case err != nil:
			return err
		case answer == answerYes:
			return nil
		case answer == answerNo:
			return errors.New("nothing was changed")
		}
	}
	return &usageError{fmt.Errorf("this would %s: say so with --yes, there is nobody to ask", what)}
}

// answer is what a person said.
type answer int

const (
	answerNone answer = iota // the end of the input: nobody is there
	answerNo
	answerYes
)

// ask wants a y. The question goes to stderr: stdout belongs to the result.
func (a *app) ask(in io.Reader, question string) (answer, error) {
	fmt.Fprintf(a.stderr, "%s [y/N] ", question)
	line, err := bufio.NewReader(in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return answerNone, fmt.Errorf("reading the answer: %w", err)
	}
	if errors.Is(err, io.EOF) {
		fmt.Fprintln(a.stderr)
	}
	switch said := strings.ToLower(strings.TrimSpace(line)); {
	case said == "y" || said == "yes":
		return answerYes, nil
	case said == "" && err != nil:
		return answerNone, nil
	default:
		return answerNo, nil
	}
}
