package doctor

import (
	"context"
	"fmt"
	"time"
)

// hookWaits is how long a message to a receiver may wait before that is worth saying.
const hookWaits = 10 * time.Minute

// hooksReached looks whether receivers of hooks can be called from here, through outbound.
func hooksReached() Check {
	return Check{
		Area: Hooks, Name: "receivers", Tells: "receivers of hooks can be reached", Words: []string{"hooks", "outbound"}, Needs: NeedsNetwork,
		Run: func(ctx context.Context, s *Subject) []Finding {
			targets := map[string]string{}
			for i, h := range s.Config.Hooks {
				addTarget(targets, h.URL, fmt.Sprintf("hooks[%d].url: %s", i, h.Name))
			}
			return s.reach(ctx, targets)
		},
	}
}

// hookQueue looks whether messages to receivers pile up, or were given up.
func hookQueue() Check {
	return Check{
		Area: Hooks, Name: "queue", Tells: "no message to a receiver of a hook waits for longer than ten minutes, and none was given up", Needs: NeedsTables,
		Run: func(ctx context.Context, s *Subject) []Finding {
			rows, err := s.Kratos(ctx).DB.QueryContext(ctx, `SELECT hook, sum(CASE WHEN ended_ms > 0 THEN 1 ELSE 0 END),
				sum(CASE WHEN ended_ms = 0 AND noted_ms < $1 THEN 1 ELSE 0 END) FROM identityd_hook_outbox GROUP BY hook ORDER BY hook`,
				s.now().Add(-hookWaits).UnixMilli())
			if err != nil {
				return []Finding{Skippedf("the messages of hooks cannot be read")}
			}
			defer rows.Close()
			var out []Finding
			for rows.Next() {
				var (
					hook       string
					dead, late int
				)
				if rows.Scan(&hook, &dead, &late) != nil {
					return []Finding{Skippedf("the messages of hooks cannot be read")}
				}
				if late > 0 {
					out = append(out, Warningf("hooks: %s is not told: %d messages wait for longer than ten minutes", hook, late).
						Cured("run identityd hooks test %s", hook))
				}
				if dead > 0 {
					out = append(out, Warningf("hooks: %s was not told: %d messages were given up", hook, dead).
						Cured("see why by identityd hooks list --dead, then run identityd hooks retry --hook %s, or drop", hook))
				}
			}
			if rows.Err() != nil {
				return []Finding{Skippedf("the messages of hooks cannot be read")}
			}
			return out
		},
	}
}
