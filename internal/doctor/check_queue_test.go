package doctor

import (
	"database/sql"
	"testing"
	"time"

	"example.com/identityd/internal/store"
)

func TestMailQueue(t *testing.T) {
	now := time.Now().UTC()
	for name, tt := range map[string]struct {
		status  int
		made    time.Time
		changed time.Time
		running bool
		l       Level
		text    string
	}{
		"a mail that was sent":               {2, now.Add(-time.Hour), now.Add(-time.Hour), true, OK, "no mail waits"},
		"a mail of a moment ago":             {1, now.Add(-time.Minute), now.Add(-time.Minute), true, OK, "no mail waits"},
		"a mail that waits":                  {1, now.Add(-time.Hour), now, true, Fault, "1 mail is waiting, the oldest since "},
		"one that is said to be on its way":  {3, now.Add(-time.Hour), now, true, Fault, "1 mail is waiting"},
		"a mail that waits, and nobody runs": {1, now.Add(-time.Hour), now, false, Warning, "1 mail is waiting"},
		"a mail that was given up":           {4, now.Add(-2 * time.Hour), now.Add(-time.Hour), true, Warning, "1 mail is given up since yesterday"},
		"a mail that was given up last week": {4, now.AddDate(0, 0, -7), now.AddDate(0, 0, -7), true, OK, "no mail waits"},
	} {
		t.Run(name, func(t *testing.T) {
			s := inProduction(t, good)
			if tt.running {
				running(s, "https://id.example.com")
			}
			_, kratos, err := store.Resolve(s.Settings)
			if err != nil {
				t.Fatal(err)
			}
			db, err := sql.Open("sqlite3", "file:"+kratos.File())
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if _, err := db.ExecContext(t.Context(), "CREATE TABLE courier_messages (status integer, created_at DATETIME, updated_at DATETIME)"); err != nil {
				t.Fatal(err)
			}
			if _, err := db.ExecContext(t.Context(), "INSERT INTO courier_messages VALUES (?, ?, ?)", tt.status, tt.made, tt.changed); err != nil {
				t.Fatal(err)
			}
			c := mailQueue()
			c.Needs = 0 // of our own tables there are none
			wants(t, look(t, s, c), tt.l, tt.text)
		})
	}
}
