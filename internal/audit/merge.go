package audit

import (
	"strconv"
	"time"
)

// sameKind is how many records of one kind that floods a batch holds; the rest are one record with their
// number.
const sameKind = 50

// merge makes one record with a number of those that strangers can cause without end and that differ in
// nothing but the request.
func merge(kinds map[string]Kind, batch []entry) []entry {
	type likeness struct {
		kind, actor, subject, client, address, details string
		outcome                                        Outcome
	}
	var out []entry
	first := map[likeness]int{}
	of := map[string]int{}
	rest := map[string]int{}
	times := map[int]int{}
	for _, n := range batch {
		if !kinds[n.Kind].Floods || n.done != nil {
			out = append(out, n)
			continue
		}
		like := likeness{n.Kind, n.Actor, n.Subject, n.Client, n.Address, details(n.Details), n.Outcome}
		if i, ok := first[like]; ok {
			times[i]++
			continue
		}
		if of[n.Kind]++; of[n.Kind] > sameKind {
			rest[n.Kind]++
			continue
		}
		first[like] = len(out)
		out = append(out, n)
	}
	for i, n := range times {
		out[i].Details = with(out[i].Details, "count", strconv.Itoa(n+1))
	}
	for kind, n := range rest {
		out = append(out, entry{
			Event: Event{
				Kind: kind, Outcome: Failed, Actor: ActorSystem,
				Details: map[string]string{"count": strconv.Itoa(n), "more": "true"},
			},
			at: latest(batch),
		})
	}
	return out
}

func latest(batch []entry) time.Time {
	var at time.Time
	for _, n := range batch {
		if n.at.After(at) {
			at = n.at
		}
	}
	return at
}

// with returns a copy of details with one more.
func with(m map[string]string, name, value string) map[string]string {
	out := make(map[string]string, len(m)+1)
	for k, v := range m {
		out[k] = v
	}
	out[name] = value
	return out
}
