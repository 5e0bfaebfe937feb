package claims

import (
	"encoding/json"
	"maps"
	"slices"
)

// Hydra carries the claims, compressed, in the address that the consent page redirects to (hydra:
// flow/flow.go, ToConsentVerifier). Addresses above 8 KiB are refused by common proxies; 8 KiB of
// group ids stay below that.
const (
	largestClaim  = 4 << 10
	largestClaims = 8 << 10
)

// sized are claims and the bytes each takes.
type sized struct {
	mapper *Mapper
	values map[string]any
	bytes  map[string]int
	total  int
}

func newSized(m *Mapper) *sized {
	return &sized{mapper: m, values: map[string]any{}, bytes: map[string]int{}}
}

func (s *sized) add(claim string, value any) {
	// Core 1.0, section 5.3.2: no null and no empty strings.
	if value == nil || value == "" {
		return
	}
	raw, err := json.Marshal(value)
	if err != nil || len(raw) > largestClaim {
		s.mapper.report(claim, largestClaim)
		return
	}
	const punctuation = len(`"":,`)
	s.values[claim], s.bytes[claim] = value, len(claim)+len(raw)+punctuation
	s.total += s.bytes[claim]
}

// shrink takes the largest claims away until the rest fits: what is small is what applications need
// to know a person again.
func (s *sized) shrink() {
	for s.total > largestClaims {
		largest := slices.MaxFunc(slices.Sorted(maps.Keys(s.bytes)), func(a, b string) int {
			return s.bytes[a] - s.bytes[b]
		})
		s.total -= s.bytes[largest]
		delete(s.bytes, largest)
		delete(s.values, largest)
		s.mapper.report(largest, largestClaims)
	}
}

func (m *Mapper) report(claim string, limit int) {
	if m.Log == nil {
		return
	}
	if _, told := m.reported.LoadOrStore(claim, struct{}{}); !told {
		m.Log.Warn("a claim was left out: its value is too large", "claim", claim, "limit", limit)
	}
}
