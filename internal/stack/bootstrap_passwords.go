package stack

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"example.com/identityd/internal/bootstrap"
)

// password decides on the password of a user and keeps a new one before the server gets it: one that is in
// nobody's hands would lock everybody out.
func (b *bootstrapper) password(role string, exists bool) (password string, set bool, err error) {
	account := b.report.Accounts[role]
	configured, has := b.configured[role]
	if !has && account.File != "" {
		if configured, has, err = readPassword(account.File); err != nil {
			return "", false, err
		}
	}
	rotate := exists && b.options.Passwords == BootstrapRotate && !account.Inline
	switch {
	case exists && b.options.Passwords == BootstrapKeep:
		return "", false, nil
	case exists && b.options.Passwords == BootstrapSet && !has:
		return "", false, nil // nothing is known that could be set
	case has && !rotate:
		return configured, true, nil
	}
	password = bootstrap.NewPassword()
	if account.File == "" {
		account.Password = password
		return password, true, nil
	}
	return password, true, b.keep(account.File, password)
}

// keep writes a password beside its place, and leaves the exchange for when the server has it. A file that is
// not there yet is written at once.
func (b *bootstrapper) keep(file, password string) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return fmt.Errorf("making the folder of a password: %w", err)
	}
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		return writePassword(file, password)
	}
	next := file + ".new"
	if err := os.Remove(next); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing what an earlier rotation left: %w", err)
	}
	if err := writePassword(next, password); err != nil {
		return err
	}
	b.rotated = append(b.rotated, func() error {
		if err := os.Rename(next, file); err != nil {
			return fmt.Errorf("putting a new password into its place: %w", err)
		}
		return nil
	})
	return nil
}

// writePassword makes a file that only its owner reads, and never writes over one.
func writePassword(file, password string) error {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("keeping a password: %w", err)
	}
	_, err = f.WriteString(password + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		os.Remove(file) //nolint:errcheck // the next run would take half of a password for the whole
		return fmt.Errorf("keeping a password: %w", err)
	}
	return nil
}

func readPassword(file string) (password string, found bool, err error) {
	raw, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("reading a password: %w", err)
	}
	password = strings.TrimRight(string(raw), "\r\n")
	return password, password != "", nil
}

// withoutUser returns the address of a server, without what differs from user to user.
func withoutUser(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	u.User, u.Path = nil, "/"
	q := u.Query()
	q.Del("password")
	q.Del("sslpassword")
	u.RawQuery = q.Encode()
	return u.String()
}
