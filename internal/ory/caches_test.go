package ory

import "testing"

type cache struct{ closed int }

func (c *cache) Close() { c.closed++ }

type keeper struct{ hidden *cache }

type holder struct {
	inner any
	other *keeper
	plain *struct{}
}

func TestACacheInAnUnexportedFieldIsClosed(t *testing.T) {
	c := &cache{}
	h := &holder{inner: &keeper{c}, other: nil, plain: &struct{}{}}
	for name, path := range map[string][]string{
		"through an interface": {"inner", "hidden"},
		"never made":           {"other", "hidden"},
	} {
		if err := CloseCache(h, path...); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if c.closed != 1 {
		t.Errorf("closed %d times, want once", c.closed)
	}
	for name, path := range map[string][]string{
		"a field that is gone":           {"inner", "gone"},
		"a cache that cannot be closed":  {"plain"},
		"a field of what has no fields ": {"inner", "hidden", "closed", "more"},
	} {
		if err := CloseCache(h, path...); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
}
