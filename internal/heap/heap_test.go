package heap

import (
	"bytes"
	"errors"
	"log/slog"
	"math"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// unlimited puts the process' own limit back afterwards.
func unlimited(t *testing.T) {
	t.Helper()
	before := debug.SetMemoryLimit(math.MaxInt64)
	t.Cleanup(func() { debug.SetMemoryLimit(before) })
}

func env(pairs map[string]string) func(string) string {
	return func(name string) string { return pairs[name] }
}

func TestTheContainerBoundsTheHeap(t *testing.T) {
	const size = 256 << 20
	for name, tt := range map[string]struct {
		env  map[string]string
		of   container
		want int64
		says string
	}{
		"nine tenths of a container":          {nil, memlimit.Limit(size), size / 100 * 90, "source=container"},
		"no container":                        {nil, func() (uint64, error) { return 0, memlimit.ErrNoCgroup }, math.MaxInt64, ""},
		"a container without a limit":         {nil, func() (uint64, error) { return 0, memlimit.ErrNoLimit }, math.MaxInt64, ""},
		"another system":                      {nil, func() (uint64, error) { return 0, memlimit.ErrCgroupsNotSupported }, math.MaxInt64, ""},
		"a container that cannot be read":     {nil, func() (uint64, error) { return 0, errors.New("odd") }, math.MaxInt64, "set GOMEMLIMIT"},
		"an operator who set one":             {map[string]string{limitVariable: "1GiB"}, memlimit.Limit(size), math.MaxInt64, "source=GOMEMLIMIT"},
		"an operator who wants none":          {map[string]string{limitVariable: "off"}, memlimit.Limit(size), math.MaxInt64, "source=GOMEMLIMIT"},
		"a number that no machine has (v1's)": {nil, memlimit.Limit(math.MaxUint64), math.MaxInt64, ""},
	} {
		t.Run(name, func(t *testing.T) {
			unlimited(t)
			var log bytes.Buffer
			bound(t.Context(), slog.New(slog.NewTextHandler(&log, nil)), env(tt.env), tt.of)
			if got := debug.SetMemoryLimit(-1); got != tt.want {
				t.Errorf("got a limit of %d, want %d", got, tt.want)
			}
			if got := log.String(); tt.says == "" && got != "" || !strings.Contains(got, tt.says) {
				t.Errorf("got log %q, want %q in it", got, tt.says)
			}
		})
	}
}

func TestWhatIsGrantedIsTheSmaller(t *testing.T) {
	none := func() (uint64, error) { return 0, memlimit.ErrNoLimit }
	for name, tt := range map[string]struct {
		own  int64
		of   container
		want uint64
	}{
		"neither":                 {math.MaxInt64, none, 0},
		"the heap's alone":        {1 << 30, none, 1 << 30},
		"the container's alone":   {math.MaxInt64, memlimit.Limit(1 << 28), 1 << 28},
		"a smaller container":     {1 << 30, memlimit.Limit(1 << 28), 1 << 28},
		"a smaller limit of Go's": {1 << 27, memlimit.Limit(1 << 28), 1 << 27},
	} {
		t.Run(name, func(t *testing.T) {
			unlimited(t)
			debug.SetMemoryLimit(tt.own)
			if got := granted(tt.of); got != tt.want {
				t.Errorf("got %d, want %d", got, tt.want)
			}
		})
	}
}

func TestTheHeapIsAsUsualAfterTheStart(t *testing.T) {
	usual := debug.SetGCPercent(100)
	t.Cleanup(func() { debug.SetGCPercent(usual) })
	percent := func() int {
		now := debug.SetGCPercent(100)
		debug.SetGCPercent(now)
		return now
	}
	started := Start(env(nil))
	if got := percent(); got != starting {
		t.Errorf("while starting: got %d, want %d", got, starting)
	}
	started()
	if got := percent(); got != 100 {
		t.Errorf("afterwards: got %d, want 100", got)
	}
	t.Run("an operator's own stays", func(t *testing.T) {
		started := Start(env(map[string]string{percentVariable: "50"}))
		if got := percent(); got != 100 {
			t.Errorf("got %d, want what it was", got)
		}
		started()
		if got := percent(); got != 100 {
			t.Errorf("afterwards: got %d, want what it was", got)
		}
	})
}
