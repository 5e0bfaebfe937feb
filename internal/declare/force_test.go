package declare_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/declare"
)

// serving is a ledger with processes.
type serving struct {
	*declare.Memory
	with map[string]int64
}

func (s serving) Served(_ context.Context, holder, _ string, generation int64, _ time.Time) (bool, error) {
	for name, g := range s.with {
		if g == generation && name != holder {
			return true, nil
		}
	}
	return false, nil
}

func TestTheNewerFileIsInForce(t *testing.T) {
	l := serving{&declare.Memory{}, map[string]int64{}}
	start := func(holder, file string) declare.Verdict {
		t.Helper()
		sums := []string{file, file + " under the key of before"}
		verdict, newest, err := declare.Judge(t.Context(), l, holder, "stack.yaml", sums)
		if err != nil {
			t.Fatal(err)
		}
		if verdict != declare.Reconcile {
			l.with[holder] = newest.Generation
			return verdict
		}
		f, err := declare.Take(t.Context(), l, holder, "stack.yaml", sums, newest, false)
		if err == nil {
			l.with[holder] = f.Generation
			_, err = declare.Take(t.Context(), l, holder, "stack.yaml", sums, f, true)
		}
		if err != nil {
			t.Fatal(err)
		}
		return verdict
	}
	steps := []struct {
		what, holder, file string
		gone               []string
		want               declare.Verdict
	}{
		{"the first start", "one", "A", nil, declare.Reconcile},
		{"a second replica with the same file", "two", "A", nil, declare.Nothing},
		{"the first one of a rolling upgrade", "one", "B", nil, declare.Reconcile},
		{"a replica that restarts with the old file", "two", "A", nil, declare.Superseded},
		{"and once more", "two", "A", nil, declare.Superseded},
		{"the second one of the upgrade", "two", "B", nil, declare.Nothing},
		{"the first one of a way back", "one", "A", nil, declare.Superseded},
		{"the last one of a way back", "two", "A", []string{"one", "two"}, declare.Reconcile},
		{"the first one, looking again", "one", "A", nil, declare.Nothing},
		{"the upgrade, once more", "one", "B", []string{"two"}, declare.Reconcile},
	}
	for _, step := range steps {
		for _, name := range step.gone {
			delete(l.with, name)
		}
		if got := start(step.holder, step.file); got != step.want {
			t.Errorf("%s: got %s, want %s", step.what, got, step.want)
		}
	}
}

func TestAFileThatWasNotDoneIsDoneAgain(t *testing.T) {
	l := &declare.Memory{}
	if _, err := declare.Take(t.Context(), l, "one", "o", []string{"A"}, declare.File{}, false); err != nil {
		t.Fatal(err)
	}
	got, newest, err := declare.Judge(t.Context(), l, "one", "o", []string{"A"})
	if err != nil || got != declare.Reconcile || newest.Generation != 1 {
		t.Errorf("got %s %v %v", got, newest, err)
	}
}

func TestTheSumOfAFileKnowsNoOrder(t *testing.T) {
	keys := [][]byte{key('k'), key('o')}
	a, err := declare.FileSums([]declare.Want{client(app()), person(ada())}, keys)
	if err != nil {
		t.Fatal(err)
	}
	b, err := declare.FileSums([]declare.Want{person(ada()), client(app())}, keys)
	if err != nil {
		t.Fatal(err)
	}
	changed := app()
	changed.Secret = "another-secret"
	c, err := declare.FileSums([]declare.Want{person(ada()), client(changed)}, keys)
	if err != nil {
		t.Fatal(err)
	}
	if !cmp.Equal(a, b) || a[0] == a[1] || a[0] == c[0] {
		t.Errorf("got %v, %v, %v", a, b, c)
	}
}
