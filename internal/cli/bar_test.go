package cli

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/stack"
)

func TestBarText(t *testing.T) {
	tests := []struct {
		name string
		p    stack.Progress
		want string
	}{
		{
			"nothing yet",
			stack.Progress{Total: 676, Engine: "hydra", Name: "20150101000001000000_networks"},
			"[........................] 0 of 676  hydra networks  0s",
		},
		{
			"half, in a long name",
			stack.Progress{Done: 338, Total: 676, Engine: "kratos", Name: "2020_" + strings.Repeat("long_", 9), Elapsed: 3210 * time.Millisecond},
			"[############............] 338 of 676  kratos long_long_long_long_long_lo…  3.2s",
		},
		{
			"all",
			stack.Progress{Done: 676, Total: 676, Engine: "kratos", Elapsed: time.Minute},
			"[########################] 676 of 676  kratos   1m0s",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := barText(tt.p)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if n := len([]rune(got)); n > 100 {
				t.Errorf("got %d columns, want a line", n)
			}
		})
	}
}

// TestTheBarStaysBelowTheLog draws what a terminal would show.
func TestTheBarStaysBelowTheLog(t *testing.T) {
	var out bytes.Buffer
	b := newBar(&out)
	p := stack.Progress{Done: 1, Total: 2, Engine: "hydra", Name: "1_first"}
	b.show(p)
	if _, err := b.Write([]byte("a line of the log\n")); err != nil {
		t.Fatal(err)
	}
	p.Done = 2
	b.show(p)
	if _, err := b.Write([]byte("another line\n")); err != nil {
		t.Fatal(err)
	}
	b.close()
	want := []string{"a line of the log", "[########################] 2 of 2  hydra first  0s", "another line", ""}
	if diff := cmp.Diff(want, screen(out.String())); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// screen is what is left on a terminal that knows how to clear a line.
func screen(text string) []string {
	lines := strings.Split(text, "\n")
	for i, l := range lines {
		parts := strings.Split(l, clearLine)
		lines[i] = parts[len(parts)-1]
	}
	return lines
}
