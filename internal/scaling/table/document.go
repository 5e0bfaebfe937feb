package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
)

// Between these lines of a document is what is printed.
const (
	begin = "<!-- scaling: begin -->\n"
	end   = "<!-- scaling: end -->\n"
)

// rewrite puts what is printed into a document.
func (f files) rewrite(path string) error {
	var printed bytes.Buffer
	if err := f.print(&printed); err != nil {
		return err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("reading the document: %w", err)
	}
	text, err = between(text, printed.Bytes())
	if err != nil {
		return fmt.Errorf("rewriting %s: %w", path, err)
	}
	if err := os.WriteFile(path, text, 0o644); err != nil { //nolint:gosec // a document that everybody reads
		return fmt.Errorf("writing the document: %w", err)
	}
	return nil
}

func between(text, printed []byte) ([]byte, error) {
	before, rest, found := bytes.Cut(text, []byte(begin))
	_, after, ended := bytes.Cut(rest, []byte(end))
	if !found || !ended {
		return nil, errors.New("it has no lines between which to print")
	}
	return bytes.Join([][]byte{before, []byte(begin), []byte("\n"), printed, []byte(end), after}, nil), nil
}
