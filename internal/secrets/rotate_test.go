package secrets

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func day(n int) time.Time { return time.Date(2026, 1, n, 12, 0, 0, 0, time.UTC) }

func TestRotate(t *testing.T) {
	old, older, added := Secret{"old", day(2)}, Secret{"older", day(1)}, Secret{"added", day(3)}
	undated := Secret{Value: "undated"}
	names := func(list []Secret) string {
		var out []string
		for _, s := range list {
			if len(s.Value) == length {
				s.Value = "new"
			}
			out = append(out, s.Value)
		}
		return strings.Join(out, " ")
	}
	tests := map[string]struct {
		list   []Secret
		stage  Stage
		needed string
		want   string
		err    error
	}{
		"an added one is last, so that it seals nothing yet":       {[]Secret{old, older}, Add, "", "old older new", nil},
		"a second one is not added before the first is promoted":   {[]Secret{old, added}, Add, "", "", ErrPending},
		"a promoted one is first":                                  {[]Secret{old, older, added}, Promote, "", "added old older", nil},
		"nothing is promoted twice":                                {[]Secret{added, old}, Promote, "", "", ErrNothingPending},
		"without dates nothing old is promoted":                    {[]Secret{undated, undated}, Promote, "", "", ErrNothingPending},
		"the first of a list without dates can be followed by one": {[]Secret{undated, added}, Promote, "", "added undated", nil},
		"one that replaces is first at once":                       {[]Secret{old}, Replace, "", "new old", nil},
		"what nobody needs is dropped":                             {[]Secret{old, older, undated}, Drop, "", "old", nil},
		"what is needed stays":                                     {[]Secret{old, older, undated}, Drop, "older", "old older", nil},
		"what was added stays":                                     {[]Secret{old, older, added}, Drop, "", "old added", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := Rotate(tt.list, tt.stage, day(9), func(s Secret) bool { return s.Value == tt.needed })
			if names(got) != tt.want || !errors.Is(err, tt.err) {
				t.Errorf("got %q, %v, want %q, %v", names(got), err, tt.want, tt.err)
			}
		})
	}
	t.Run("three rotations within one second are told apart", func(t *testing.T) {
		list := []Secret{old}
		for range 3 {
			for _, stage := range []Stage{Add, Promote} {
				var err error
				if list, err = Rotate(list, stage, day(9), nil); err != nil {
					t.Fatal(err)
				}
			}
		}
		if len(list) != 4 || !list[0].Made.After(list[1].Made) || !list[1].Made.After(list[2].Made) {
			t.Errorf("got %d secrets made at %s, %s, %s", len(list), list[0].Made, list[1].Made, list[2].Made)
		}
	})
}

func TestFile(t *testing.T) {
	t.Run("what others wrote into it stays", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "s.yaml")
		const before = "# of the bank\nsystem: [aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa]\n# cookies\ncookie:\n" +
			"  - bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb # from the safe\nlater: 1\n"
		if err := os.WriteFile(path, []byte(before), 0o640); err != nil {
			t.Fatal(err)
		}
		f, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		f.Set("system", append([]Secret{{"0123456789abcdef0123456789abcdef", day(3)}}, f.List("system")...))
		f.Set("cipher", []Secret{{"true", day(4)}})
		if err := f.Save(); err != nil {
			t.Fatal(err)
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		const want = "# of the bank\nsystem:\n  - 0123456789abcdef0123456789abcdef # made 2026-01-03T12:00:00Z\n" +
			"  - aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n# cookies\ncookie:\n" +
			"  - bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb # from the safe\nlater: 1\ncipher:\n" +
			"  - \"true\" # made 2026-01-04T12:00:00Z\n"
		if diff := cmp.Diff(want, string(raw)); diff != "" {
			t.Error(diff)
		}
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != 0o640 {
			t.Errorf("got mode %v, %v, want that of before", info.Mode(), err)
		}
		again, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := again.List("system"); len(got) != 2 || !got[0].Made.Equal(day(3)) || !got[1].Made.IsZero() {
			t.Errorf("got %d secrets, want the date of the first alone", len(got))
		}
	})
	t.Run("a file that changed meanwhile is not overwritten", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "s.yaml")
		if err := Fresh(day(1)).Create(path); err != nil {
			t.Fatal(err)
		}
		mine, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		theirs.Set("cookie", append(theirs.List("cookie"), fresh(day(2))))
		if err := theirs.Save(); err != nil {
			t.Fatal(err)
		}
		if err := mine.Save(); err == nil || !strings.Contains(err.Error(), "has been changed meanwhile") {
			t.Errorf("got %v, want a refusal", err)
		}
		left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".secrets-*"))
		if err != nil || len(left) != 0 {
			t.Errorf("got leftovers %v, %v", left, err)
		}
	})
	t.Run("a link stays one", func(t *testing.T) {
		dir := t.TempDir()
		path, link := filepath.Join(dir, "real.yaml"), filepath.Join(dir, "link.yaml")
		if err := Fresh(day(1)).Create(path); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink("real.yaml", link); err != nil {
			t.Fatal(err)
		}
		f, err := Open(link)
		if err != nil {
			t.Fatal(err)
		}
		f.Set("cookie", append([]Secret{fresh(day(2))}, f.List("cookie")...))
		if err := f.Save(); err != nil {
			t.Fatal(err)
		}
		info, err := os.Lstat(link)
		if err != nil || info.Mode()&fs.ModeSymlink == 0 {
			t.Errorf("got %v, %v, want a link", info.Mode(), err)
		}
		if lists, err := read(path); err != nil || len(lists.Cookie) != 2 {
			t.Errorf("got %d cookie secrets, %v, want 2 behind the link", len(lists.Cookie), err)
		}
	})
	t.Run("nothing is created over a file", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "s.yaml")
		if err := Fresh(day(1)).Create(path); err != nil {
			t.Fatal(err)
		}
		if err := Fresh(day(1)).Create(path); !errors.Is(err, fs.ErrExist) {
			t.Errorf("got %v, want a refusal", err)
		}
	})
}

func TestNothingOfASecretShows(t *testing.T) {
	s := fresh(day(1))
	print := Fingerprint("system", s.Value)
	if len(print) != 12 || print == Fingerprint("cookie", s.Value) || print == Fingerprint("system", random()) {
		t.Errorf("got fingerprint %q", print)
	}
	for _, text := range []string{fmt.Sprint(s), fmt.Sprintf("%#v", s), fmt.Sprintf("%+v", []Secret{s}), fmt.Sprintf("%q", s)} {
		if strings.Contains(text, s.Value) {
			t.Errorf("got %s", text)
		}
	}
}
