package secrets

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v3"
)

// Lists are the three kinds of secrets of stack.yaml, each 32 bytes of text.
type Lists struct {
	System []string `yaml:"system"`
	Cookie []string `yaml:"cookie"`
	Cipher []string `yaml:"cipher"`
}

// FileName is the file's name in the data folder. It has the form of secrets.file.
const FileName = "secrets.yaml"

const header = `# Made by identityd at its first start. Whoever reads this file can read and forge what it protects.
# Losing it makes signing keys and sealed data unreadable: keep it beside the database in backups.
`

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
	if err := publish(path); err != nil {
		return Lists{}, false, err
	}
	lists, err = read(path)
	return lists, true, err
}

func read(path string) (Lists, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return Lists{}, fmt.Errorf("reading generated secrets: %w", err)
	}
	var l Lists
	// The error of yaml may quote a line, and every line is a secret.
	if yaml.Unmarshal(raw, &l) != nil {
		return Lists{}, fmt.Errorf("reading generated secrets: %s is not the file that identityd made", path)
	}
	for name, list := range map[string][]string{"system": l.System, "cookie": l.Cookie, "cipher": l.Cipher} {
		if len(list) == 0 {
			return Lists{}, fmt.Errorf("reading generated secrets: %s has no %s secret", path, name)
		}
		for _, s := range list {
			if len(s) != 32 {
				return Lists{}, fmt.Errorf("reading generated secrets: a %s secret in %s has %d bytes, want 32",
					name, path, len(s))
			}
		}
	}
	return l, nil
}

// publish writes a complete file beside path and links it into place, which fails when somebody else
// was first.
func publish(path string) error {
	fresh := Lists{System: []string{random()}, Cookie: []string{random()}, Cipher: []string{random()}}
	raw, err := yaml.Marshal(fresh)
	if err != nil {
		return fmt.Errorf("writing generated secrets: %w", err)
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".secrets-*") // 0600 by its contract
	if err != nil {
		return fmt.Errorf("writing generated secrets: %w", err)
	}
	defer os.Remove(tmp.Name()) //nolint:errcheck // a stray name in the data folder is harmless
	if _, err := tmp.Write(append([]byte(header), raw...)); err != nil {
		tmp.Close()
		return fmt.Errorf("writing generated secrets: %w", err)
	}
	if err := errors.Join(tmp.Sync(), tmp.Close()); err != nil {
		return fmt.Errorf("writing generated secrets: %w", err)
	}
	if err := os.Link(tmp.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("writing generated secrets: %w", err)
	}
	return nil
}

// random returns 32 characters that hold 24 random bytes.
func random() string {
	b := make([]byte, 24)
	rand.Read(b) // never fails (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(b)
}
