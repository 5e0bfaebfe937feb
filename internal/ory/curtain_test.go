package ory_test

import (
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/ory/x/fsx"

	"example.com/identityd/internal/ory"
)

// merged is as the engines merge their migrations, with further ones last.
func merged(further ...fs.FS) fs.FS {
	own := fstest.MapFS{"migrations/sql/1_a.up.sql": {}, "migrations/sql/2_b.up.sql": {}}
	tenants := fstest.MapFS{"migrations/sql/0_t.up.sql": {}}
	return fsx.Merge(append([]fs.FS{own, tenants}, further...)...)
}

func walked(t *testing.T, files fs.FS) []string {
	t.Helper()
	var out []string
	err := fs.WalkDir(files, ".", func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			out = append(out, p)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTheCurtainHidesMigrationsUntilItIsDrawn(t *testing.T) {
	all := walked(t, merged())
	if len(all) != 3 {
		t.Fatalf("without a curtain: got %v", all)
	}
	c := new(ory.Curtain)
	files := merged(c)
	if diff := cmp.Diff([]string{"migrations", "~"}, walked(t, files)); diff != "" {
		t.Errorf("behind the curtain:\n%s", diff)
	}
	c.Draw()
	if diff := cmp.Diff(all, walked(t, files)); diff != "" {
		t.Errorf("once it is drawn:\n%s", diff)
	}
}
