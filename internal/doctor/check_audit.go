package doctor

import (
	"context"
	"time"

	"example.com/identityd/internal/audit"
)

// anchorLate is how old the newest anchor may be where somebody serves: they come every hour.
const anchorLate = 3 * time.Hour

// recentGap is how long a gap in the trail is told.
const recentGap = 30 * 24 * time.Hour

// auditTrail walks through the trail, as far as its time goes.
func auditTrail() Check {
	return Check{
		Area: Housekeeping, Name: "audit", Tells: "the audit trail is whole, and anchored every hour", Needs: NeedsTables,
		Run: func(ctx context.Context, s *Subject) []Finding {
			db := s.Kratos(ctx).DB
			var out []Finding
			newest, any, err := audit.Newest(ctx, db)
			if err != nil {
				return []Finding{Skippedf("the audit trail cannot be read")}
			}
			if s.Process != nil && any && s.now().Sub(s.Process.Began) > anchorLate {
				if at := time.UnixMilli(newest.At); s.now().Sub(at) > anchorLate {
					out = append(out, Warningf("audit: the newest anchor is of %s, and one is due every hour", at.UTC().Format(time.RFC3339)).
						Cured("look for \"audit trail not anchored\" in the log of process %d", s.Process.PID))
				}
			}
			var last int64
			err = db.QueryRowContext(ctx, "SELECT coalesce(max(at_ms), 0) FROM identityd_audit WHERE kind = $1", audit.TrailGap).Scan(&last)
			if at := time.UnixMilli(last); err == nil && last > 0 && s.now().Sub(at) < recentGap {
				out = append(out, Warningf("audit: events were not written for want of a database, the last time at %s", at.UTC().Format(time.RFC3339)).
					Cured("they are in the log of then; identityd audit verify counts them"))
			}
			// Without the secrets: what the chains say by themselves.
			report, err := audit.Verify(ctx, db, nil)
			switch {
			case err != nil && ctx.Err() != nil:
				return append(out, Okf("the trail is too long to be walked through here; identityd audit verify does"))
			case err != nil:
				return append(out, Skippedf("the audit trail cannot be read"))
			case len(report.Findings) > 0:
				f := report.Findings[0]
				return append(out, Faultf("audit: %s %s (%s in all)", f.Where, f.What, count(len(report.Findings), "finding")).
					Cured("run identityd audit verify, and keep a copy of the database; docs/audit.md says what each means"))
			}
			return append(out, Okf("%s in %s are whole", count(int(report.Records), "record"), count(report.Writers, "chain")))
		},
	}
}
