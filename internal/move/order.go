package move

import (
	"fmt"
	"slices"
)

// late is a reference that cannot be kept while rows go in: of a table to itself, or around a circle.
// Its columns go in as NULL and are filled in afterwards.
type late map[string][]string // by table

// order sorts tables so that what is referred to comes first.
func order(tables []string, refs []reference, nullable func(table, column string) bool) ([]string, late, error) {
	waits := map[string]map[string]bool{}
	for _, t := range tables {
		waits[t] = map[string]bool{}
	}
	out, postponed := []string{}, late{}
	postpone := func(r reference) error {
		for _, c := range r.columns {
			if !nullable(r.from, c) {
				continue
			}
			if !slices.Contains(postponed[r.from], c) {
				postponed[r.from] = append(postponed[r.from], c)
			}
			return nil // one column that is NULL is enough for the reference not to count
		}
		return fmt.Errorf("the tables %s and %s refer to each other by columns that cannot be NULL", r.from, r.to)
	}
	for _, r := range refs {
		if waits[r.from] == nil || waits[r.to] == nil {
			continue
		}
		if r.from == r.to {
			if err := postpone(r); err != nil {
				return nil, nil, err
			}
			continue
		}
		waits[r.from][r.to] = true
	}
	left := slices.Sorted(slices.Values(tables))
	for len(left) > 0 {
		i := slices.IndexFunc(left, func(t string) bool { return len(waits[t]) == 0 })
		if i < 0 {
			var err error
			if i, err = breakCircle(left, refs, waits, postpone); err != nil {
				return nil, nil, err
			}
		}
		next := left[i]
		out, left = append(out, next), slices.Delete(left, i, i+1)
		for _, w := range waits {
			delete(w, next)
		}
	}
	return out, postponed, nil
}

// breakCircle finds a table that waits only by references that can be postponed.
func breakCircle(left []string, refs []reference, waits map[string]map[string]bool, postpone func(reference) error) (int, error) {
	var refusal error
	for i, t := range left {
		var err error
		for _, r := range refs {
			if r.from == t && waits[t][r.to] {
				if err = postpone(r); err != nil {
					refusal = err
					break
				}
			}
		}
		if err == nil {
			return i, nil
		}
	}
	return 0, refusal
}

// dependents returns the given tables and all that refer to them, directly or not.
func dependents(of map[string]bool, refs []reference) map[string]bool {
	out := map[string]bool{}
	for t := range of {
		out[t] = true
	}
	for grew := true; grew; {
		grew = false
		for _, r := range refs {
			if out[r.to] && !out[r.from] {
				out[r.from], grew = true, true
			}
		}
	}
	return out
}
