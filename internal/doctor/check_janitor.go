package doctor

import (
	"context"
	"time"
)

// intervals is how many times the janitor may miss its turn.
const intervals = 3

// janitorRuns looks at when the janitor last ran.
func janitorRuns() Check {
	return Check{
		Area: Housekeeping, Name: "janitor", Tells: "the janitor runs every janitor.interval", Words: []string{"janitor"}, Needs: NeedsTables,
		Run: func(ctx context.Context, s *Subject) []Finding {
			if s.Engines.Upkeep == nil {
				return []Finding{Skippedf("no engine")}
			}
			if !s.Config.Janitor.Enabled {
				return []Finding{Faultf("janitor.enabled is false: expired tokens, sessions and forms stay for ever").
					Cured("write janitor.enabled: true, or run identityd janitor run from a timer")}
			}
			var out []Finding
			if p := s.Process; p != nil && p.Runtime.Janitor != nil && !p.Runtime.Janitor.Running {
				out = append(out, Faultf("janitor.enabled is true, and the janitor of process %d has stopped", p.PID).Cured("restart it, and report what its log says of the janitor"))
			}
			have, err := s.Engines.Upkeep(ctx, s.Hydra(ctx).DB, s.Kratos(ctx).DB)
			if err != nil {
				return append(out, Warningf("the janitor's notes cannot be read: %v", err).Cured("run identityd janitor status"))
			}
			return append(out, s.judgeRuns(ctx, have)...)
		},
	}
}

func (s *Subject) judgeRuns(ctx context.Context, have Upkeep) []Finding {
	every := s.Config.Janitor.Interval
	patience := intervals*every + time.Minute
	level, cure := Warning, "start identityd, or run identityd janitor run"
	if s.Process != nil {
		level, cure = Fault, "look for \"the janitor was not done\" in its log; identityd janitor run does it now"
		if s.now().Sub(s.Process.Began) < patience {
			return nil // it has not had its turns yet
		}
	}
	last := have.Ended
	if last.IsZero() || have.Began.After(last) {
		last = have.Began
	}
	if last.IsZero() {
		last = s.installed(ctx)
	}
	if last.IsZero() || s.now().Sub(last) < patience {
		return nil
	}
	what := "ended"
	if have.Began.After(have.Ended) {
		what = "began, without an end,"
	}
	if have.Began.IsZero() {
		what = "should have been"
	}
	return []Finding{{
		Level: level, Cure: cure,
		Text: "janitor.interval is " + every.String() + ", and its last run " + what + " at " + last.UTC().Format(time.RFC3339),
	}}
}

// installed is when this installation was first served.
func (s *Subject) installed(ctx context.Context) time.Time {
	var ms int64
	if s.Kratos(ctx).DB.QueryRowContext(ctx, "SELECT made_ms FROM identityd_installation").Scan(&ms) != nil {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}

// tableGrowth looks for tables of which the janitor does not keep up.
func tableGrowth() Check {
	return Check{
		Area: Housekeeping, Name: "tables", Tells: "no table has more dead rows than one run of the janitor removes", Words: []string{"janitor"}, Needs: NeedsTables,
		Run: func(ctx context.Context, s *Subject) []Finding {
			if s.Engines.Upkeep == nil {
				return []Finding{Skippedf("no engine")}
			}
			have, err := s.Engines.Upkeep(ctx, s.Hydra(ctx).DB, s.Kratos(ctx).DB)
			if err != nil {
				return []Finding{Skippedf("the tables could not be looked at")}
			}
			var out []Finding
			j := s.Config.Janitor
			perRun := int64(j.Interval.Seconds()) * int64(j.RowsPerSecond)
			for _, t := range have.Tables {
				more := ""
				if !t.All {
					more = " or more"
				}
				if t.Dead >= manyDead && !t.All || t.Dead > perRun {
					out = append(out, Warningf("%s has %d%s dead rows", t.Name, t.Dead, more).
						Cured("run identityd janitor run; if they come back, raise janitor.rows_per_second (now %d) or lower janitor.interval (now %s)", j.RowsPerSecond, j.Interval))
				}
			}
			return out
		},
	}
}

// manyDead is how many of the first ten thousand rows may be dead in a table that has more.
const manyDead = 5000
