package move

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestOrder(t *testing.T) {
	refs := func(pairs ...string) []reference {
		var out []reference
		for i := 0; i < len(pairs); i += 3 {
			out = append(out, reference{from: pairs[i], columns: []string{pairs[i+1]}, to: pairs[i+2]})
		}
		return out
	}
	for _, tt := range []struct {
		name    string
		tables  []string
		refs    []reference
		notNull []string
		want    []string
		late    late
		err     string
	}{
		{"what is referred to comes first", []string{"a", "b", "c"}, refs("a", "b_id", "b", "b", "c_id", "c"), nil, []string{"c", "b", "a"}, late{}, ""},
		{"without references it is the order of the names", []string{"b", "a"}, nil, nil, []string{"a", "b"}, late{}, ""},
		{"a table that is not copied is not waited for", []string{"a"}, refs("a", "x_id", "x"), nil, []string{"a"}, late{}, ""},
		{"a reference to itself goes in later", []string{"a"}, refs("a", "parent", "a"), nil, []string{"a"}, late{"a": {"parent"}}, ""},
		{
			"a circle is broken where a column may be NULL",
			[]string{"a", "b", "c"},
			refs("a", "b_id", "b", "b", "a_id", "a", "c", "a_id", "a"),
			[]string{"a.b_id"},
			[]string{"b", "a", "c"},
			late{"b": {"a_id"}},
			"",
		},
		{
			"a circle that cannot be broken is an error",
			[]string{"a", "b"},
			refs("a", "b_id", "b", "b", "a_id", "a"),
			[]string{"a.b_id", "b.a_id"},
			nil, nil, "the tables b and a refer to each other by columns that cannot be NULL",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, postponed, err := order(tt.tables, tt.refs, func(table, column string) bool {
				return !slices.Contains(tt.notNull, table+"."+column)
			})
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("order (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.late, postponed); diff != "" {
				t.Errorf("late (-want +got):\n%s", diff)
			}
			text := ""
			if err != nil {
				text = err.Error()
			}
			if text != tt.err {
				t.Errorf("got error %q, want %q", text, tt.err)
			}
		})
	}
}

func TestDependents(t *testing.T) {
	got := dependents(map[string]bool{"identities": true}, []reference{
		{from: "sessions", to: "identities"},
		{from: "devices", to: "sessions"},
		{from: "identities", to: "networks"},
	})
	if diff := cmp.Diff(map[string]bool{"identities": true, "sessions": true, "devices": true}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
