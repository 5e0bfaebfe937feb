package store_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"example.com/identityd/internal/store"
)

func TestAFolderOfDatabasesHasOneOwner(t *testing.T) {
	resolve := func(url string) []store.DSN {
		hydra, kratos, err := store.Resolve(store.Settings{URL: url, Pool: pool()})
		if err != nil {
			t.Fatal(err)
		}
		return []store.DSN{hydra, kratos}
	}
	dsns := resolve("sqlite://" + t.TempDir())
	first, err := store.Own(dsns...)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("a second one is told who has it", func(t *testing.T) {
		_, err := store.Own(dsns...)
		var used *store.InUseError
		if !errors.As(err, &used) || !strings.HasPrefix(used.Owner, fmt.Sprintf("process %d on ", os.Getpid())) {
			t.Errorf("got %v, want this process named", err)
		}
	})
	t.Run("other folders, databases in memory and on servers are free", func(t *testing.T) {
		for _, url := range []string{"sqlite://" + t.TempDir(), "sqlite://:memory:", "postgres://localhost/x"} {
			owned, err := store.Own(resolve(url)...)
			if err != nil {
				t.Fatal(err)
			}
			if err := owned.Release(); err != nil {
				t.Error(err)
			}
		}
	})
	t.Run("it is free again afterwards", func(t *testing.T) {
		if err := first.Release(); err != nil {
			t.Fatal(err)
		}
		again, err := store.Own(dsns...)
		if err != nil {
			t.Fatal(err)
		}
		if err := again.Release(); err != nil {
			t.Error(err)
		}
	})
}
