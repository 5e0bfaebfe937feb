package sqlseam

import (
	"errors"
	"math/rand/v2"
	"net/url"
	"strings"
	"time"
)

// LifetimeParameter of a DSN is the age at which a connection is closed when it is next unused. The seam
// takes it out before the driver sees it. database/sql has such an age too, but the same one for all: the
// connections that a process makes at its start would all end in one moment, on every replica.
const LifetimeParameter = "identityd_lifetime"

// settleDSN returns a DSN as the driver wants it, and the lifetime that it held. Parameters of a URL come here
// as Ory and url.Values encode them, with a + for each space, which pgx takes for a plus
// (docs/ory-quirks.md#q44).
func settleDSN(dsn string) (string, time.Duration, error) {
	address, query, found := strings.Cut(dsn, "?")
	if !found || !strings.Contains(address, "://") {
		return dsn, 0, nil
	}
	q, err := url.ParseQuery(query)
	if err != nil { // the error would quote what may be a password
		return "", 0, errors.New("reading database URL: malformed parameters")
	}
	var lifetime time.Duration
	if q.Has(LifetimeParameter) {
		lifetime, err = time.ParseDuration(q.Get(LifetimeParameter))
		if err != nil || lifetime < 0 {
			return "", 0, errors.New("reading database URL: " + LifetimeParameter + " is no duration")
		}
		q.Del(LifetimeParameter)
	}
	if len(q) == 0 {
		return address, lifetime, nil
	}
	return address + "?" + strings.ReplaceAll(q.Encode(), "+", "%20"), lifetime, nil
}

// expiry returns when a connection opened at now has reached its age: the last quarter of the lifetime
// is random. Zero means never.
func expiry(lifetime time.Duration, now time.Time) time.Time {
	if lifetime <= 0 {
		return time.Time{}
	}
	return now.Add(lifetime - rand.N(lifetime/4+1))
}
