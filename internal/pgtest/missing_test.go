package pgtest

import (
	"errors"
	"fmt"
	"testing"
)

// recorder notes how a test would end.
type recorder struct {
	testing.TB
	end string
}

func (*recorder) Helper() {}

func (r *recorder) Fatal(args ...any) { r.note("fail: " + fmt.Sprint(args...)) }

func (r *recorder) Fatalf(format string, args ...any) {
	r.note("fail: " + fmt.Sprintf(format, args...))
}

func (r *recorder) Skipf(format string, args ...any) { r.note("skip: " + fmt.Sprintf(format, args...)) }

// note keeps the first end: a real test would not get to a second one.
func (r *recorder) note(end string) {
	if r.end == "" {
		r.end = end
	}
}

func TestMissing(t *testing.T) {
	none := fmt.Errorf("starting: %w", &missingError{reason: "no initdb"})
	const words = "starting: no PostgreSQL for the test: no initdb"
	tests := []struct {
		name, require string
		err           error
		want          string
	}{
		{"a machine without PostgreSQL skips with the reason", "", none, "skip: SKIP: " + words},
		{"a job that requires something else skips too", "browser,postgresql", none, "skip: SKIP: " + words},
		{
			"a job that requires PostgreSQL fails", "browser,postgres", none,
			"fail: " + words + " (IDENTITYD_TEST_REQUIRE asks for it)",
		},
		{"a PostgreSQL that does not start is always a failure", "", errors.New("no space"), "fail: no space"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv(requireVariable, tt.require)
			r := &recorder{TB: t}
			missing(r, tt.err)
			if r.end != tt.want {
				t.Errorf("got %q, want %q", r.end, tt.want)
			}
		})
	}
}
