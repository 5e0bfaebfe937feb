package doctor

import (
	"context"
	"net/http"
	"strings"
	"time"

	"example.com/identityd/internal/sealing"
	"example.com/identityd/internal/store"
)

// Clocks that differ by more than one-time codes and tokens forgive do not work together; what is below
// noticeable is the way there and back.
const (
	noticeable  = 2 * time.Second
	unforgiving = 30 * time.Second
)

const clockCure = "let NTP set both clocks (timedatectl set-ntp true, or chrony)"

// skew judges by how much another clock is ahead of this one.
func skew(whose string, ahead, exact time.Duration) []Finding {
	off, way := ahead.Abs(), "ahead of"
	if ahead < 0 {
		way = "behind"
	}
	switch off -= exact; {
	case off > unforgiving:
		return []Finding{Faultf("the clock of %s is %s %s this machine's; codes and tokens are refused", whose, (off + exact).Round(time.Second), way).Cured(clockCure)}
	case off > noticeable:
		return []Finding{Warningf("the clock of %s is %s %s this machine's", whose, (off + exact).Round(time.Second), way).Cured(clockCure)}
	}
	return nil
}

// databaseClock compares the clock of the server, which leases and the janitor go by, with ours.
func databaseClock() Check {
	return Check{
		Area: Clock, Name: "database", Tells: "the database's clock agrees with this machine's", Needs: NeedsDatabase,
		Run: func(ctx context.Context, s *Subject) []Finding {
			m := s.Kratos(ctx)
			if m.DSN.Dialect() == store.SQLite {
				return []Finding{Okf("SQLite has this machine's clock")}
			}
			began, real := s.now(), time.Now()
			var theirs float64
			if err := m.DB.QueryRowContext(ctx, "SELECT CAST(extract(epoch FROM clock_timestamp()) AS FLOAT)").Scan(&theirs); err != nil {
				return []Finding{Skippedf("the server tells no time")}
			}
			took := time.Since(real)
			ahead := time.UnixMicro(int64(theirs * 1e6)).Sub(began.Add(took / 2))
			return skew("the database server at "+m.at(), ahead, took/2)
		},
	}
}

// replicaClocks looks at when other processes say that they were here: nobody can have been here later than now.
func replicaClocks() Check {
	return Check{
		Area: Clock, Name: "replicas", Tells: "no other process has been here in the future", Needs: NeedsTables,
		Run: func(ctx context.Context, s *Subject) []Finding {
			m := s.Kratos(ctx)
			readers, err := sealing.Ledger{DB: m.DB, Dialect: m.DSN.Dialect(), Now: s.Host.Now}.Readers(ctx)
			if err != nil {
				return []Finding{Skippedf("the processes cannot be listed")}
			}
			var out []Finding
			for _, r := range readers {
				if ahead := r.Seen.Sub(s.now()); ahead > 0 {
					out = append(out, skew("the process "+r.Holder, ahead, 0)...)
				}
			}
			return out
		},
	}
}

// issuerClock reads the Date header of the issuer, which may be behind a proxy on another machine.
func issuerClock() Check {
	return Check{
		Area: Clock, Name: "issuer", Tells: "who answers at the issuer's address has the time of this machine",
		Words: []string{"origin", "urls.hydra"}, Needs: NeedsNetwork,
		Run: func(ctx context.Context, s *Subject) []Finding {
			us := s.issuer()
			if us == nil {
				return []Finding{Skippedf("the issuer follows from a listener, and no identityd runs from data_dir")}
			}
			began, real := s.now(), time.Now()
			said, err := s.Net.ask(ctx, http.MethodGet, strings.TrimRight(us.raw, "/")+"/.well-known/openid-configuration", nil)
			if err != nil {
				return []Finding{Skippedf("at %s %s", us.raw, unreached(err))}
			}
			took := time.Since(real)
			theirs, err := http.ParseTime(said.header.Get("Date"))
			if err != nil {
				return []Finding{Skippedf("the answer has no Date")}
			}
			// The header has whole seconds.
			return skew(us.raw, theirs.Sub(began.Add(took/2)), took/2+time.Second)
		},
	}
}
