package cli

import (
	"errors"
	"os"
)

// fill writes a file that was just made, and takes it away again if that fails: half of a file would be read as a whole
// one, and keep the next attempt from writing it.
func fill(f *os.File, content []byte) error {
	_, err := f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		os.Remove(f.Name()) //nolint:errcheck // the first error is the one that counts
	}
	return err
}
