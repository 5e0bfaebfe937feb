package doctor

import (
	"database/sql"
	"net/http"
	"testing"
	"time"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/store"
)

func TestHooksReached(t *testing.T) {
	address := serving(t, func(http.ResponseWriter, *http.Request) { t.Error("got a request, want a connection and no more") })
	for name, tt := range map[string]struct {
		url     string
		private config.OutboundPrivate
		l       Level
		text    string
	}{
		"one that is reached":       {address + "/hooks", config.PrivateAllow, OK, "can be reached"},
		"one that outbound refuses": {address + "/hooks", config.PrivateDeny, Fault, "hooks[0].url: crm: outbound does not let us call 127.0.0.1"},
		"one that is away":          {"http://" + closedPort(t) + "/hooks", config.PrivateAllow, Warning, "nothing listens there"},
	} {
		t.Run(name, func(t *testing.T) {
			s := inProduction(t, good)
			s.Config.Hooks = []config.Hook{{Name: "crm", URL: tt.url}}
			s.Config.Outbound.Private = tt.private
			wants(t, look(t, s, hooksReached()), tt.l, tt.text)
		})
	}
}

func TestHookQueue(t *testing.T) {
	now := time.Now()
	for name, tt := range map[string]struct {
		noted, ended time.Time
		l            Level
		text         string
	}{
		"one of a moment ago":    {now.Add(-time.Minute), time.Time{}, OK, "no message to a receiver"},
		"one that waits":         {now.Add(-time.Hour), time.Time{}, Warning, "crm is not told: 1 messages wait"},
		"one that was given up":  {now.Add(-time.Hour), now, Warning, "crm was not told: 1 messages were given up"},
		"one that is to be sent": {now, time.Time{}, OK, "no message to a receiver"},
	} {
		t.Run(name, func(t *testing.T) {
			s := inProduction(t, good)
			_, kratos, err := store.Resolve(s.Settings)
			if err != nil {
				t.Fatal(err)
			}
			db, err := sql.Open("sqlite3", "file:"+kratos.File())
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if _, err := db.ExecContext(t.Context(), "CREATE TABLE identityd_hook_outbox (hook text, noted_ms bigint, ended_ms bigint)"); err != nil {
				t.Fatal(err)
			}
			ended := int64(0)
			if !tt.ended.IsZero() {
				ended = tt.ended.UnixMilli()
			}
			if _, err := db.ExecContext(t.Context(), "INSERT INTO identityd_hook_outbox VALUES ('crm', ?, ?)", tt.noted.UnixMilli(), ended); err != nil {
				t.Fatal(err)
			}
			c := hookQueue()
			c.Needs = 0 // of our own tables there is one
			wants(t, look(t, s, c), tt.l, tt.text)
		})
	}
}
