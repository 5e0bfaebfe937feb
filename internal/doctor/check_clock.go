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
			issuer := s.Issuer()
			if issuer == "" {
				return []Finding{Skippedf("no issuer is known before identityd runs")}
			}
			req, err := http.NewRequestWithContext(ctx, http.MethodHead, strings.TrimRight(issuer, "/")+"/.well-known/openid-configuration", http.NoBody)
			if err != nil {
				return []Finding{Skippedf("the address of the issuer is no URL")}
			}
			began, real := s.now(), time.Now()
			res, err := s.anyone().Do(req)
			if err != nil {
				return []Finding{Skippedf("the issuer does not answer")}
			}
			res.Body.Close()
			took := time.Since(real)
			theirs, err := http.ParseTime(res.Header.Get("Date"))
			if err != nil {
				return []Finding{Skippedf("the answer has no Date")}
			}
			// The header has whole seconds.
			return skew(issuer, theirs.Sub(began.Add(took/2)), took/2+time.Second)
		},
	}
}

// Issuer is the address of Hydra as others see it: the file's, or that of the running process.
func (s *Subject) Issuer() string {
	switch {
	case s.Config.Origin != "":
		return s.Config.Origin
	case s.Config.URLs.Hydra != "":
		return s.Config.URLs.Hydra
	case s.Process != nil:
		return s.Process.URLs["hydra"]
	}
	return ""
}

// anyone calls addresses of ours and believes whoever answers: who that is, is the matter of other checks.
func (s *Subject) anyone() *http.Client {
	return &http.Client{
		Transport:     &http.Transport{TLSClientConfig: unverified(), DisableKeepAlives: true, DialContext: s.Net.dial},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
