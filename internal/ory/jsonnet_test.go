package ory

import (
	"strings"
	"testing"
	"time"
)

// endless never ends by itself and never deepens the stack enough to be stopped by it.
const endless = `std.foldl(function(a, b) a + std.length(std.range(1, 1000)), std.range(1, 100000000), 0)`

func TestJsonnet(t *testing.T) {
	eval := func(t *testing.T, j *Jsonnet, snippet string) (string, error) {
		t.Helper()
		vm, err := j.JsonnetVM(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		vm.ExtVar("who", "you")
		return vm.EvaluateAnonymousSnippet("test.jsonnet", snippet)
	}
	t.Run("a mapper is evaluated", func(t *testing.T) {
		got, err := eval(t, NewJsonnet(), `{hello: std.extVar('who')}`)
		if err != nil || strings.Join(strings.Fields(got), "") != `{"hello":"you"}` {
			t.Errorf("got %q, %v", got, err)
		}
	})
	t.Run("imports are refused", func(t *testing.T) {
		_, err := eval(t, NewJsonnet(), `import '/etc/passwd'`)
		if err == nil || !strings.Contains(err.Error(), "import not available") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("recursion ends at the stack limit", func(t *testing.T) {
		_, err := eval(t, NewJsonnet(), `local f(n) = f(n + 1) + 1; f(0)`)
		if err == nil || !strings.Contains(err.Error(), "max stack frames exceeded") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("an evaluation without end is abandoned and counted, and too many refuse the next", func(t *testing.T) {
		j := NewJsonnet()
		j.deadline = time.Millisecond
		for i := range jsonnetStray {
			_, err := eval(t, j, endless)
			if err == nil || !strings.Contains(err.Error(), "abandoned") {
				t.Fatalf("evaluation %d: got %v", i, err)
			}
		}
		if got, want := j.Abandoned(), int64(jsonnetStray); got != want {
			t.Errorf("got %d abandoned, want %d", got, want)
		}
		if _, err := eval(t, j, `1`); err == nil || !strings.Contains(err.Error(), "still running") {
			t.Errorf("got %v, want a refusal", err)
		}
	})
}
