package secrets

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Lists are the three kinds of secrets of stack.yaml, each 32 bytes of text.
type Lists struct {
	System, Cookie, Cipher []string
}

// FileName is the file's name in the data folder. It has the form of secrets.file.
const FileName = "secrets.yaml"

const header = `# Made by identityd. Whoever reads this file can read and forge what it protects.
# Losing it makes signing keys and sealed data unreadable: keep it beside the database in backups.
# The first of a list is used, the others still open what they sealed: identityd secrets status.`

// Ensure reads the secrets in the folder, or makes them. made says which. Two processes that start at
// once agree: the file appears whole or not at all, and the first one wins.
func Ensure(folder string) (lists Lists, made bool, err error) {
	path := filepath.Join(folder, FileName)
	lists, err = read(path)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return lists, false, err
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return Lists{}, false, fmt.Errorf("making data folder: %w", err)
	}
	if err := Fresh(time.Now()).Create(path); err != nil && !errors.Is(err, fs.ErrExist) {
		return Lists{}, false, err
	}
	lists, err = read(path)
	return lists, true, err
}

func read(path string) (Lists, error) {
	f, err := Open(path)
	if err != nil {
		return Lists{}, err
	}
	var out Lists
	for kind, into := range map[string]*[]string{"system": &out.System, "cookie": &out.Cookie, "cipher": &out.Cipher} {
		list := f.List(kind)
		if len(list) == 0 {
			return Lists{}, fmt.Errorf("reading secrets: %s has no %s secret", path, kind)
		}
		for _, s := range list {
			if len(s.Value) != length {
				return Lists{}, fmt.Errorf("reading secrets: a %s secret in %s has %d bytes, want %d",
					kind, path, len(s.Value), length)
			}
			*into = append(*into, s.Value)
		}
	}
	return out, nil
}
