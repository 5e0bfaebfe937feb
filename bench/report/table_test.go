package report

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheTableSaysWhatWasMeasured(t *testing.T) {
	text := read(t, "old.json").Table()
	for _, want := range []string{
		"commit 0123456789ab, 2 cores (Example)", "confidence of 94 %",
		"| whoami by cookie: operations a second | ≥ 1.5 × | 1.52 (1.48 to 1.56) | met by the median |",
		"| login by password: operations a second | ≥ 4 × | 4.2 (3 to 5) | met by the median |",
		"| p99 of every operation at the same rate | ≤ 1 × | not worse at any of 1 | met |",
		"| whoami by cookie | 1520 ± 3 % | 1000 ± 0 % | **1.52 (1.48 to 1.56)** |",
		"| whoami by cookie | 500 | 1 / 2 | 0.5 (0.5 to 0.55) | - / - | 5 / 10 | 0.5 (0.49 to 0.52) |",
		"| whoami by cookie | 2 / 6 | 0.33 |",
		"| binaries | MB | 50 | 90 | 0.56 |",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("got no %q in\n%s", want, text)
		}
	}
}

func TestAWorseP99MissesTheGoal(t *testing.T) {
	f := read(t, "old.json")
	f.Find(Latency, "whoami", "p99").Samples[Ours] = []float64{11, 12, 11}
	if text := f.Table(); !strings.Contains(text, "worse in every round: whoami by cookie 1.1 (1.1 to 1.2) | not met |") {
		t.Errorf("got\n%s\nwant whoami's p99 as worse", text)
	}
}

func TestTheTableTakesItsPlaceInADocument(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a.md")
	const before, after = "# Title\n\nAbove.\n\n", "\n\nBelow.\n"
	if err := os.WriteFile(name, []byte(before+Begin+"\nold\n"+End+after), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := Insert(name, "new\n"); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(name)
	if want := before + Begin + "\n\nnew\n\n" + End + after; err != nil || string(got) != want {
		t.Errorf("got %q (%v), want %q", got, err, want)
	}
	if err := os.WriteFile(name, []byte("nothing"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Insert(name, "new"); err == nil || !strings.Contains(err.Error(), Begin) {
		t.Errorf("got %v, want an error that says which lines are missing", err)
	}
}

func TestThePlotIsXMLWithALineForEachMeasure(t *testing.T) {
	text := read(t, "old.json").svg()
	d, bars := xml.NewDecoder(strings.NewReader(text)), 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == "rect" {
			bars++
		}
	}
	if bars != 1+5 { // the ground, three rates, a p99, a count
		t.Errorf("got %d rectangles, want six", bars)
	}
	for _, want := range []string{"prefers-color-scheme: dark", ">1.52 ×<", "login by password"} {
		if !strings.Contains(text, want) {
			t.Errorf("got no %q in the plot", want)
		}
	}
}

func TestResultsComeBackAsTheyWere(t *testing.T) {
	f := read(t, "old.json")
	name := filepath.Join(t.TempDir(), "new", "a.json")
	if err := f.Write(name); err != nil {
		t.Fatal(err)
	}
	again, err := Read(name)
	if err != nil || len(again.Measures) != len(f.Measures) || again.Table() != f.Table() {
		t.Errorf("got %+v (%v), want what was written", again, err)
	}
	if err := os.WriteFile(name, []byte(`{"schema": 99}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Read(name); err == nil || !strings.Contains(err.Error(), "must be 1") {
		t.Errorf("got %v for another schema, want an error that says which", err)
	}
}
