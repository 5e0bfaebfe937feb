package store

import (
	"encoding/base64"
	"encoding/binary"
	"strings"
	"time"
)

// License is what the license of a CockroachDB cluster says. The key itself is not kept.
type License struct {
	// Kind is enterprise, free, trial, evaluation or none; unknown where the cluster does not tell.
	Kind  string
	Until time.Time
}

// String returns the kind, and the last day where there is one.
func (l License) String() string {
	if l.Until.IsZero() {
		return l.Kind
	}
	return l.Kind + " until " + l.Until.UTC().Format(time.DateOnly)
}

// unknownLicense is that of a cluster that does not tell: reading it needs VIEWCLUSTERSETTING.
const unknownLicense = "unknown"

// parseLicense reads a license key: crl-0- and a protocol buffer in base64, of which field 2 is the end in
// seconds and field 3 the kind (cockroach, licenseccl.proto).
func parseLicense(key string) License {
	const (
		prefix     = "crl-0-"
		validUntil = 2
		kind       = 3
	)
	if key == "" {
		return License{Kind: "none"}
	}
	raw, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(strings.TrimPrefix(key, prefix), "="))
	if err != nil || !strings.HasPrefix(key, prefix) {
		return License{Kind: unknownLicense}
	}
	kinds := []string{"non-commercial", "enterprise", "evaluation", "free", "trial"}
	l := License{Kind: kinds[0]}
	for len(raw) > 0 {
		tag, n := binary.Uvarint(raw)
		if n <= 0 {
			return License{Kind: unknownLicense}
		}
		value, size := binary.Uvarint(raw[n:])
		if size <= 0 {
			return License{Kind: unknownLicense}
		}
		raw = raw[n+size:]
		switch tag & 7 {
		case 0: // a number
		case 2: // text, of which value is the length
			if value > uint64(len(raw)) {
				return License{Kind: unknownLicense}
			}
			raw = raw[value:]
			continue
		default:
			return License{Kind: unknownLicense}
		}
		switch tag >> 3 {
		case validUntil:
			const latest = 1 << 40 // beyond any calendar
			if value < latest {
				l.Until = time.Unix(int64(value), 0)
			}
		case kind:
			if l.Kind = unknownLicense; value < uint64(len(kinds)) {
				l.Kind = kinds[value]
			}
		}
	}
	return l
}

// check returns what is wrong with a license on a day.
func (l License) check(s Server, now time.Time) []Finding {
	const soon = 30 * 24 * time.Hour
	switch {
	case s.Dialect != Cockroach:
		return nil
	case l.Kind == "none" && !s.Version.Before(23, 1):
		// CockroachDB, licensing FAQs: seven days of grace, then throttled, but for single nodes (read).
		return []Finding{{
			Reason: "the cluster has no license, and one of several nodes is throttled without after 7 days",
			Cure:   "set enterprise.license; the kind called free is enough for small companies",
		}}
	case !l.Until.IsZero() && now.After(l.Until):
		return []Finding{{Reason: "the license of the cluster has expired", Cure: "set a new enterprise.license"}}
	case !l.Until.IsZero() && now.Add(soon).After(l.Until):
		return []Finding{{
			Reason: "the license of the cluster ends on " + l.Until.UTC().Format(time.DateOnly), Cure: "set a new enterprise.license",
		}}
	}
	return nil
}
