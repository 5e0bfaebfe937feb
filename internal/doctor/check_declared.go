package doctor

import (
	"context"
	"strings"
)

// Declared is what a file declares and is not so.
type Declared struct {
	// What names the thing, such as "client shop".
	What string
	// Drift says that it was changed by hand, by By where that is known; HeldBack that it left the file and waits.
	Drift, HeldBack bool
	By              string
}

// declaredAsWritten asks the running process what differs from what the file declares.
func declaredAsWritten() Check {
	return Check{
		Area: Clients, Name: "declared", Tells: "clients and identities of the file are as it says",
		Words: []string{"clients", "identities", "declared"}, Needs: NeedsProcess,
		Run: func(ctx context.Context, s *Subject) []Finding {
			if s.Engines.Declared == nil {
				return []Finding{Skippedf("no engine")}
			}
			list, err := s.Engines.Declared(ctx)
			if err != nil {
				return []Finding{Skippedf("identityd plan does not work: %v", err)}
			}
			var drift, held, other []string
			for _, d := range list {
				switch {
				case d.Drift && d.By != "":
					drift = append(drift, d.What+" (by "+d.By+")")
				case d.Drift:
					drift = append(drift, d.What)
				case d.HeldBack:
					held = append(held, d.What)
				default:
					other = append(other, d.What)
				}
			}
			var out []Finding
			for _, one := range []struct {
				list       []string
				text, cure string
			}{
				{drift, "changed by hand", "write it into the file, or take it back with identityd apply; identityd plan shows it"},
				{held, "left the file, and kept because so much left it at once", "look at identityd plan, and remove it with identityd apply"},
				{other, "not as the file says", "look at identityd plan; identityd apply does it"},
			} {
				if len(one.list) > 0 {
					out = append(out, Warningf("%s: %s", few(one.list), one.text).Cured("%s", one.cure))
				}
			}
			return out
		},
	}
}

// few names the first of many.
func few(list []string) string {
	const most = 5
	if len(list) <= most {
		return strings.Join(list, ", ")
	}
	return strings.Join(list[:most], ", ") + " and " + count(len(list)-most, "other")
}
