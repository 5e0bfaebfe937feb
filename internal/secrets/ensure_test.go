package secrets

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEnsure(t *testing.T) {
	t.Run("the first start makes them and the second finds them", func(t *testing.T) {
		folder := filepath.Join(t.TempDir(), "data")
		first, made, err := Ensure(folder)
		if err != nil || !made {
			t.Fatalf("got made %v, err %v, want made", made, err)
		}
		second, made, err := Ensure(folder)
		if err != nil || made {
			t.Fatalf("got made %v, err %v, want found", made, err)
		}
		if diff := cmp.Diff(first, second); diff != "" {
			t.Error(diff)
		}
		if first.System[0] == first.Cookie[0] || len(first.Cipher[0]) != 32 {
			t.Error("the secrets are not three of 32 bytes")
		}
	})
	t.Run("only its owner reads the file", func(t *testing.T) {
		folder := t.TempDir()
		if _, _, err := Ensure(folder); err != nil {
			t.Fatal(err)
		}
		info, err := os.Stat(filepath.Join(folder, FileName))
		if err != nil {
			t.Fatal(err)
		}
		if got, want := info.Mode().Perm(), os.FileMode(0o600); got != want {
			t.Errorf("got mode %v, want %v", got, want)
		}
		left, err := filepath.Glob(filepath.Join(folder, ".secrets-*"))
		if err != nil || len(left) != 0 {
			t.Errorf("got leftovers %v, err %v", left, err)
		}
	})
	t.Run("starts at the same moment agree", func(t *testing.T) {
		folder := t.TempDir()
		results := make([]Lists, 16)
		var wg sync.WaitGroup
		for i := range results {
			wg.Go(func() {
				l, _, err := Ensure(folder)
				if err != nil {
					t.Error(err)
				}
				results[i] = l
			})
		}
		wg.Wait()
		for _, r := range results[1:] {
			if diff := cmp.Diff(results[0], r); diff != "" {
				t.Fatal(diff)
			}
		}
	})
	t.Run("a damaged file is refused without showing it", func(t *testing.T) {
		folder := t.TempDir()
		secret := "system: [hunter2hunter2"
		if err := os.WriteFile(filepath.Join(folder, FileName), []byte(secret), 0o600); err != nil {
			t.Fatal(err)
		}
		_, _, err := Ensure(folder)
		want := "reading secrets: " + filepath.Join(folder, FileName) + " has not the form of a file of secrets: " +
			"the keys system, cookie and cipher, each a list"
		if err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	})
}
