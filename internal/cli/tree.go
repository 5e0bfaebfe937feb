package cli

import (
	"io"

	"github.com/spf13/cobra"
)

// Commands returns the tree of all commands, for what documents it. To run them call Main.
func Commands() *cobra.Command {
	a := &app{stdout: io.Discard, stderr: io.Discard}
	return a.root()
}

// IsGroup tells a noun, which alone shows its help, from a command that does something.
func IsGroup(cmd *cobra.Command) bool {
	_, noun := cmd.Annotations[groupAnnotation]
	return noun || !cmd.HasParent()
}
