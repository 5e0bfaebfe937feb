package doctor

import (
	"context"
	"errors"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"

	"example.com/identityd/internal/store"
)

// longLease is longer than any lease stands without a heartbeat.
const longLease = 5 * time.Minute

// leases looks for those that nobody will give back.
func leases() Check {
	return Check{
		Area: Housekeeping, Name: "leases", Tells: "no lease is held by a process that is gone", Needs: NeedsTables,
		Run: func(ctx context.Context, s *Subject) []Finding {
			m := s.Kratos(ctx)
			if m.DSN.Dialect() == store.SQLite {
				return []Finding{Okf("SQLite has one process, and no leases")}
			}
			rows, err := m.DB.QueryContext(ctx, `SELECT name, holder, CAST(extract(epoch FROM expires_at - now()) AS FLOAT)
				FROM identityd_lease WHERE holder <> '' ORDER BY name`)
			if err != nil {
				return []Finding{Skippedf("the leases cannot be read")}
			}
			defer rows.Close()
			var out []Finding
			for rows.Next() {
				var (
					name, holder string
					left         float64
				)
				if rows.Scan(&name, &holder, &left) != nil {
					return []Finding{Skippedf("the leases cannot be read")}
				}
				out = append(out, judgeLease(name, holder, time.Duration(left*float64(time.Second)))...)
			}
			if rows.Err() != nil {
				return []Finding{Skippedf("the leases cannot be read")}
			}
			return out
		},
	}
}

func judgeLease(name, holder string, left time.Duration) []Finding {
	switch {
	case left > longLease:
		return []Finding{Warningf("the lease %s of %s stands for another %s: the clock of the database was set back", name, holder, left.Round(time.Second)).
			Cured("let it be, if %s runs; otherwise the next process takes it within a minute of waiting", holder)}
	case left < -longLease:
		return []Finding{Warningf("the lease %s was last kept %s ago, by %s, and nobody has taken it since", name, (-left).Round(time.Second), holder).
			Cured("start identityd: who serves takes it")}
	case left > 0 && goneFromHere(holder):
		return []Finding{Warningf("the lease %s is held by %s, which does not run here any more", name, holder).
			Cured("wait %s, after which another process takes it", left.Round(time.Second))}
	}
	return nil
}

// goneFromHere reports a holder (host/pid/region) of this machine whose process does not exist.
func goneFromHere(holder string) bool {
	host, err := os.Hostname()
	parts := strings.Split(holder, "/")
	if err != nil || len(parts) != 3 || parts[0] != host {
		return false
	}
	pid, err := strconv.Atoi(parts[1])
	if err != nil || pid <= 0 {
		return false
	}
	p, err := os.FindProcess(pid)
	if err != nil {
		return true
	}
	return errors.Is(p.Signal(syscall.Signal(0)), os.ErrProcessDone)
}
