package doctest

import (
	"os"
	"strings"
	"testing"

	"example.com/identityd/internal/netnstest"
)

// aloneVariable is set for whoever runs in a namespace of its own.
const aloneVariable = "IDENTITYD_TEST_ALONE"

// Alone runs the test that asks once more, in a network namespace where nothing else listens and from which nothing can be reached, so
// that the ports which a page names are free. It returns true there, and false once that run has ended well.
func Alone(t *testing.T) bool {
	t.Helper()
	if os.Getenv(aloneVariable) != "" {
		return true
	}
	out, err := netnstest.Run(t, "^"+t.Name()+"$", "20m", aloneVariable+"=1")
	if err != nil {
		t.Fatalf("in a network namespace of its own: %v\n%s", err, out)
	}
	for line := range strings.Lines(out) {
		if skip := strings.Index(line, "SKIP: "); skip >= 0 {
			t.Skip(strings.TrimSpace(line[skip:]))
		}
		if strings.Contains(line, "_test.go:") {
			t.Log(strings.TrimSpace(line))
		}
	}
	return false
}
