package doctor_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"example.com/identityd/internal/audit"
	"example.com/identityd/internal/config"
	"example.com/identityd/internal/doctor"
)

// upkeep is what internal/stack would say of the janitor.
func upkeep(u doctor.Upkeep) func(*doctor.Subject) {
	return func(s *doctor.Subject) {
		s.Engines.Upkeep = func(context.Context, *sql.DB, *sql.DB) (doctor.Upkeep, error) { return u, nil }
	}
}

func ago(d time.Duration) time.Time { return time.Now().Add(-d) }

func janitorChecks(t *testing.T, s *doctor.Subject, db databases) {
	const check = "housekeeping/janitor"
	s = again(s, func(s *doctor.Subject) { s.Config.Janitor.Interval = time.Hour })
	old := &doctor.Process{PID: 7, Began: ago(24 * time.Hour)}
	look := func(u doctor.Upkeep, p *doctor.Process, change func(*config.Config)) []doctor.Row {
		next := again(s, upkeep(u))
		next.Process = p
		if change != nil {
			change(&next.Config)
		}
		return examine(t, next, check, doctor.Options{})
	}
	ran := doctor.Upkeep{Began: ago(20 * time.Minute), Ended: ago(19 * time.Minute)}
	stale := doctor.Upkeep{Began: ago(5 * time.Hour), Ended: ago(5 * time.Hour)}
	t.Run("one that ran is fine", func(t *testing.T) { fine(t, look(ran, old, nil)) })
	t.Run("one that never ran in a new installation is fine", func(t *testing.T) { fine(t, look(doctor.Upkeep{}, nil, nil)) })
	t.Run("switched off is a fault", func(t *testing.T) {
		want(t, look(ran, nil, func(c *config.Config) { c.Janitor.Enabled = false }), doctor.Fault, "janitor.enabled is false", "janitor.enabled: true")
	})
	t.Run("three intervals without a run are a fault where somebody serves", func(t *testing.T) {
		want(t, look(stale, old, nil), doctor.Fault, "janitor.interval is 1h0m0s, and its last run ended at", "identityd janitor run")
	})
	t.Run("and a warning where nobody does", func(t *testing.T) {
		want(t, look(stale, nil, nil), doctor.Warning, "its last run ended at", "identityd janitor run")
	})
	t.Run("a process that has just started gets its time", func(t *testing.T) {
		fine(t, look(stale, &doctor.Process{Began: ago(time.Minute)}, nil))
	})
	t.Run("a run that does not end is a fault", func(t *testing.T) {
		want(t, look(doctor.Upkeep{Began: ago(4 * time.Hour), Ended: ago(5 * time.Hour)}, old, nil), doctor.Fault, "began, without an end", "")
	})
	t.Run("a janitor that has stopped in a process is a fault", func(t *testing.T) {
		dead := *old
		dead.Runtime.Janitor = &doctor.JanitorState{}
		want(t, look(ran, &dead, nil), doctor.Fault, "the janitor of process 7 has stopped", "restart it")
	})
	t.Run("one that never ran in an old installation is found", func(t *testing.T) {
		must(t, db.kratos, `INSERT INTO identityd_installation (singleton, id, profile, issuer, rp_id, pairwise, made_ms, made_by, changed_ms, changed_by)
			VALUES (1, 'x', 'production', 'i', 'r', '', $1, '', 0, '')`, ago(24*time.Hour).UnixMilli())
		want(t, look(doctor.Upkeep{}, old, nil), doctor.Fault, "its last run should have been at", "")
		must(t, db.kratos, "DELETE FROM identityd_installation")
	})
	t.Run("a table that the janitor does not keep up with is a warning", func(t *testing.T) {
		grown := doctor.Upkeep{Tables: []doctor.Table{{Name: "hydra_oauth2_flow", Dead: 9000}, {Name: "sessions", Dead: 3, All: true}}}
		rows := examine(t, again(s, upkeep(grown)), "housekeeping/tables", doctor.Options{})
		want(t, rows, doctor.Warning, "hydra_oauth2_flow has 9000 or more dead rows", "janitor.rows_per_second (now 1000)")
		if len(rows) != 1 {
			t.Errorf("got %+v, want nothing of the other table", rows)
		}
		fine(t, examine(t, again(s, upkeep(ran)), "housekeeping/tables", doctor.Options{}))
	})
	t.Run("notes that cannot be read are told", func(t *testing.T) {
		broken := again(s, func(s *doctor.Subject) {
			s.Engines.Upkeep = func(context.Context, *sql.DB, *sql.DB) (doctor.Upkeep, error) {
				return doctor.Upkeep{}, errors.New("no such column")
			}
		})
		want(t, examine(t, broken, check, doctor.Options{}), doctor.Warning, "no such column", "identityd janitor status")
	})
}

func leaseChecks(t *testing.T, s *doctor.Subject, db databases) {
	const check = "housekeeping/leases"
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	gone := exec.CommandContext(t.Context(), "true")
	if err := gone.Run(); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, holder, expires string
		level                 doctor.Level
		text                  string
	}{
		{"one that this process holds is fine", fmt.Sprintf("%s/%d/", host, os.Getpid()), "now() + interval '20 seconds'", doctor.OK, ""},
		{"one of another machine is fine", "elsewhere/1/", "now() + interval '20 seconds'", doctor.OK, ""},
		{"one of a process that is gone from here is told", fmt.Sprintf("%s/%d/", host, gone.Process.Pid), "now() + interval '20 seconds'", doctor.Warning, "does not run here any more"},
		{"one that nobody has kept is told", "elsewhere/1/", "now() - interval '1 hour'", doctor.Warning, "was last kept 1h0m"},
		{"one that stands for too long is told", "elsewhere/1/", "now() + interval '1 hour'", doctor.Warning, "the clock of the database was set back"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			must(t, db.kratos, "DELETE FROM identityd_lease")
			must(t, db.kratos, "INSERT INTO identityd_lease (name, holder, fence, expires_at) VALUES ('courier', $1, 1, "+tt.expires+")", tt.holder)
			want(t, examine(t, again(s, nil), check, doctor.Options{}), tt.level, tt.text, "")
		})
	}
	must(t, db.kratos, "DELETE FROM identityd_lease")
}

func auditChecks(t *testing.T, s *doctor.Subject, db databases) {
	const check = "housekeeping/audit"
	trail := audit.New(audit.Config{DB: db.kratos, Dialect: db.dialect, Log: s.Log, Version: "test"})
	trail.Open(t.Context())
	for range 3 {
		if err := trail.Note(t.Context(), audit.Event{Kind: audit.ConfigChanged, Actor: audit.ActorSystem}); err != nil {
			t.Fatal(err)
		}
	}
	if err := trail.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Run("a whole trail is fine", func(t *testing.T) {
		rows := examine(t, again(s, nil), check, doctor.Options{})
		fine(t, rows)
		want(t, rows, doctor.OK, "in 1 chain are whole", "")
	})
	t.Run("a record that was changed is a fault", func(t *testing.T) {
		must(t, db.kratos, "UPDATE identityd_audit SET outcome = 'other' WHERE seq = 2")
		want(t, examine(t, again(s, nil), check, doctor.Options{}), doctor.Fault, "its hash is not that of what it says", "identityd audit verify")
	})
	t.Run("an anchor that is late is a warning where somebody serves", func(t *testing.T) {
		must(t, db.kratos, "INSERT INTO identityd_audit_anchor (number, at_ms, writer, prev, heads, cuts, hash, mac) VALUES (1, $1, 'w', '', '{}', '{}', 'h', 'm')", ago(5*time.Hour).UnixMilli())
		served := again(s, func(s *doctor.Subject) { s.Process = &doctor.Process{PID: 7, Began: ago(24 * time.Hour)} })
		want(t, examine(t, served, check, doctor.Options{}), doctor.Warning, "audit: the newest anchor is of", "process 7")
	})
	t.Run("a gap is a warning", func(t *testing.T) {
		must(t, db.kratos, "UPDATE identityd_audit SET kind = $1, at_ms = $2 WHERE seq = 1", audit.TrailGap, ago(time.Hour).UnixMilli())
		want(t, examine(t, again(s, nil), check, doctor.Options{}), doctor.Warning, "events were not written", "identityd audit verify")
	})
}

func keyChecks(t *testing.T, s *doctor.Subject, db databases) {
	const check = "secrets/signing keys"
	t.Run("none is a fault", func(t *testing.T) {
		want(t, examine(t, again(s, nil), check, doctor.Options{}), doctor.Fault, "hydra.openid.id-token is empty", "identityd migrate")
	})
	const nid = "11111111-1111-4111-8111-111111111111"
	must(t, db.hydra, "INSERT INTO networks (id, created_at, updated_at) VALUES ($1, $2, $2)", nid, ago(0).UTC())
	must(t, db.hydra, `INSERT INTO hydra_jwk (pk, sid, kid, nid, version, keydata, created_at)
		VALUES ('22222222-2222-4222-8222-222222222222', 'hydra.openid.id-token', 'k', $1, 0, 'sealed', $2)`, nid, ago(time.Hour).UTC())
	t.Run("a young one is fine", func(t *testing.T) { fine(t, examine(t, again(s, nil), check, doctor.Options{})) })
	t.Run("access tokens that are signed need keys too", func(t *testing.T) {
		jwt := again(s, func(s *doctor.Subject) { s.Config.Tokens.Format = config.TokenJWT })
		want(t, examine(t, jwt, check, doctor.Options{}), doctor.Fault, "hydra.jwt.access-token is empty", "identityd migrate")
	})
	t.Run("an old one is a warning", func(t *testing.T) {
		want(t, examine(t, again(s, off(3*365*24*time.Hour)), check, doctor.Options{}), doctor.Warning, "the newest key of hydra.openid.id-token", "identityd key rotate")
	})
}

func schemaChecks(t *testing.T, s *doctor.Subject) {
	const check = "database/schema"
	look := func(have doctor.Schema, err error, mode config.Migrate) []doctor.Row {
		return examine(t, again(s, func(s *doctor.Subject) {
			s.Config.Database.Migrate = mode
			s.Engines.Schema = func(_ context.Context, hydra, kratos *sql.DB) (doctor.Schema, error) {
				return have, errors.Join(err, hydra.PingContext(t.Context()), kratos.PingContext(t.Context()))
			}
		}), check, doctor.Options{})
	}
	fine(t, look(doctor.Schema{}, nil, config.MigrateWait))
	want(t, look(doctor.Schema{Pending: 3}, nil, config.MigrateWait), doctor.Fault, "database.migrate is wait, and pending: 3 migrations", "identityd migrate")
	want(t, look(doctor.Schema{Pending: 3}, nil, config.MigrateAuto), doctor.Warning, "database.migrate is auto", "identityd migrate")
	want(t, look(doctor.Schema{Pending: 3, Empty: true}, nil, config.MigrateEmpty), doctor.Warning, "database.migrate is empty", "identityd migrate")
	want(t, look(doctor.Schema{Pending: 3}, nil, config.MigrateEmpty), doctor.Fault, "database.migrate is empty", "identityd migrate")
	want(t, look(doctor.Schema{Newer: true, Release: "identityd 9"}, nil, config.MigrateAuto), doctor.Warning, "identityd 9 has migrated", "use identityd 9 here too")
	want(t, look(doctor.Schema{Newer: true, Refused: "9 has migrated: use 9 or newer"}, nil, config.MigrateAuto), doctor.Fault, "9 has migrated", "use 9 or newer")
	want(t, look(doctor.Schema{}, errors.New("permission denied"), config.MigrateAuto), doctor.Fault, "permission denied", "identityd bootstrap")
}
