package backup

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// latestFile is where a folder of data says when it was last backed up.
const latestFile = "last-backup.json"

// Latest is the last backup that was made of a folder of data.
type Latest struct {
	MadeAt time.Time `json:"made_at"`
	Path   string    `json:"path"`
}

// Note writes down beside the data that a backup of it was made, for those who ask how old the last one is.
func Note(dataDir string, l Latest) error {
	var err error
	if l.Path, err = filepath.Abs(l.Path); err != nil {
		return fmt.Errorf("writing down the backup: %w", err)
	}
	raw, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("writing down the backup: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dataDir, latestFile), append(raw, '\n'), 0o600); err != nil {
		return fmt.Errorf("writing down the backup: %w", err)
	}
	return nil
}

// ReadLatest returns what Note wrote; an error where nothing was, or nobody can read it.
func ReadLatest(dataDir string) (l Latest, err error) {
	raw, err := os.ReadFile(filepath.Join(dataDir, latestFile))
	if err == nil {
		err = json.Unmarshal(raw, &l)
	}
	if err != nil {
		return Latest{}, fmt.Errorf("reading when the last backup was made: %w", err)
	}
	return l, nil
}
