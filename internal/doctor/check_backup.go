package doctor

import (
	"context"
	"time"

	"example.com/identityd/internal/backup"
	"example.com/identityd/internal/config"
)

// oldBackup is the age at which the last backup is too old.
const oldBackup = 7 * 24 * time.Hour

// backups looks at when SQLite was last backed up by identityd backup. Who copies by other means is not warned:
// of that nobody knows here.
func backups() Check {
	return Check{
		Area: Machine, Name: "backup", Tells: "the last identityd backup is younger than a week", Words: []string{"data_dir", "database"},
		Run: func(_ context.Context, s *Subject) []Finding {
			if s.Config.Database.Dialect() != config.SQLite {
				return []Finding{Okf("how the server is backed up is not known here")}
			}
			last, err := backup.ReadLatest(s.Config.DataDir)
			switch {
			case err != nil:
				return []Finding{Okf("data_dir: no identityd backup was made here; of others nobody knows")}
			case s.now().Sub(last.MadeAt) > oldBackup:
				return []Finding{Warningf("data_dir: the last backup is of %s (%s)", last.MadeAt.UTC().Format(time.RFC3339), last.Path).
					Cured("run identityd backup, best from a timer each night")}
			}
			return []Finding{Okf("the last backup is of %s", last.MadeAt.UTC().Format(time.RFC3339))}
		},
	}
}
