package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
)

func TestAskWantsAYes(t *testing.T) {
	for said, want := range map[string]answer{
		"y\n": answerYes, "YES\n": answerYes, " y ": answerYes, "n\n": answerNo, "\n": answerNo, "yeah\n": answerNo, "": answerNone,
	} {
		var stdout, stderr strings.Builder
		a := &app{stdout: &stdout, stderr: &stderr}
		got, err := a.ask(strings.NewReader(said), "record it?")
		if err != nil || got != want {
			t.Errorf("%q: got %d, %v, want %d", said, got, err, want)
		}
		if stdout.String() != "" || !strings.HasPrefix(stderr.String(), "record it? [y/N] ") {
			t.Errorf("%q: got stdout %q and stderr %q, want the question on stderr", said, stdout.String(), stderr.String())
		}
	}
}

func TestConfirmingWithoutAPersonWantsYes(t *testing.T) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	for name, in := range map[string]io.Reader{"a pipe that says y": strings.NewReader("y\n"), "nothing at all": null} {
		t.Run(name, func(t *testing.T) {
			a := &app{stdout: io.Discard, stderr: io.Discard}
			cmd := &cobra.Command{}
			cmd.SetIn(in)
			err := a.confirm(cmd, false, "delete client shop")
			var usage *usageError
			if !errors.As(err, &usage) || !strings.Contains(err.Error(), "delete client shop: say so with --yes") {
				t.Errorf("got %v, want a usage error that names --yes", err)
			}
			if err := a.confirm(cmd, true, "delete client shop"); err != nil {
				t.Errorf("with --yes: got %v, want nothing", err)
			}
		})
	}
}

func TestAResultIsJSONOrText(t *testing.T) {
	for asJSON, want := range map[bool]string{true: "{\n  \"clients\": [],\n  \"next\": \"a&b\"\n}\n", false: "no clients\n"} {
		var stdout strings.Builder
		a := &app{stdout: &stdout}
		err := a.show(asJSON, map[string]any{"clients": []string{}, "next": "a&b"}, func(w io.Writer) { fmt.Fprintln(w, "no clients") })
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, stdout.String()); diff != "" {
			t.Errorf("json %t (-want +got):\n%s", asJSON, diff)
		}
	}
}

func TestAClosedPipeIsAnError(t *testing.T) {
	a := &app{stdout: closed{}}
	if err := a.show(true, map[string]any{}, nil); err == nil {
		t.Error("got no error from a pipe that is closed")
	}
}

type closed struct{}

func (closed) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }
