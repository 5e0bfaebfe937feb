package main

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const folder = "../../docs/diagrams"

func TestEveryDrawingIsCurrent(t *testing.T) {
	if err := run(folder, true); err != nil {
		t.Error(err)
	}
}

func TestEveryDrawingHasItsSource(t *testing.T) {
	drawings, err := filepath.Glob(folder + "/*.svg")
	if err != nil || len(drawings) == 0 {
		t.Fatalf("got %d drawings and error %v, want some", len(drawings), err)
	}
	for _, file := range drawings {
		if _, err := os.Stat(strings.TrimSuffix(file, ".svg") + ".txt"); err != nil {
			t.Errorf("%s: %v", file, err)
		}
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		d := xml.NewDecoder(strings.NewReader(string(raw)))
		for {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", file, err)
			}
		}
	}
}

func TestWhatIsRefused(t *testing.T) {
	const head = "title T\nabout A\n"
	for name, test := range map[string]struct{ text, want string }{
		"no title":             {"sequence\nlane a A\n", "want title, about, and sequence or map"},
		"a lane of nobody":     {head + "sequence\nlane a A\na > b hello\n", `there is no lane "b"`},
		"a line of neither":    {head + "map\nheight 10\ncircle 1 2 3\n", `line 5: "circle 1 2 3" is no line of a map`},
		"a map without height": {head + "map\nbox a 1 2 30 40 A\n", "want a line height"},
		"words too wide":       {head + "map\nheight 50\nbox a 1 2 30 40 Wide words\n", `"Wide words" is about 67 wide, its box 30`},
		"a place of nobody":    {head + "map\nheight 50\narrow a.top 1,2 x\n", `line 5: "arrow a.top 1,2 x": want two places`},
		"out of the drawing":   {head + "map\nheight 50\ntext 390 10 start words\n", `"words" does not fit: it would be from 390 to 423.5 of 400`},
	} {
		if _, err := draw("x", test.text, ""); err == nil || err.Error() != test.want {
			t.Errorf("%s: got error %v, want %s", name, err, test.want)
		}
	}
}
