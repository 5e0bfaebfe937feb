package sealing

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"example.com/identityd/internal/store"
)

// Keep is how long what is not in a table may be out there.
type Keep struct {
	// Session is the life of a sign-in, and of the cookies of both engines.
	Session time.Duration
	// Token is the longest life of a token, for sessions of tokens that are not sealed.
	Token time.Duration
}

// passing is the longest life of what nobody keeps: forms, challenges in addresses, one-time codes, the state
// at a provider, our own sealed cookies.
const passing = 2 * time.Hour

// Need is what a secret is still needed for.
type Need struct {
	Secret
	// Position is its place in its list, 0 for the one that seals.
	Position int
	// Rows are rows in the databases that only it opens. They are not counted for the first.
	Rows int64
	// Tables say which.
	Tables map[string]int64
	// Sessions are sign-ins whose cookies it may have sealed.
	Sessions int64
	// Until is when what it sealed outside of the tables has ended; zero for the first, and for what has.
	Until time.Time
	// Holders are processes that still seal with it.
	Holders []string
}

// Needed reports whether anything would be lost with it.
func (n Need) Needed(now time.Time) bool {
	return n.Position == 0 || n.Rows > 0 || len(n.Holders) > 0 || n.Until.After(now)
}

// Reasons word why it is needed.
func (n Need) Reasons(now time.Time) []string {
	var out []string
	for _, h := range n.Holders {
		out = append(out, "the process "+h+" seals with it; restart that first")
	}
	ends := map[string]bool{}
	for _, t := range tables() {
		ends[t.name] = t.replace == nil
	}
	for _, name := range slices.Sorted(maps.Keys(n.Tables)) {
		cure := "a serving process seals them anew, or: identityd secrets reseal"
		if ends[name] {
			cure = "they end by themselves"
		}
		out = append(out, fmt.Sprintf("%d rows of %s are opened by it alone (%s)", n.Tables[name], name, cure))
	}
	if n.Until.After(now) {
		what := "what it sealed on its way to people ends by then"
		if n.Sessions > 0 {
			what = fmt.Sprintf("%d sign-ins may hold a cookie of it until then", n.Sessions)
		}
		out = append(out, "until "+n.Until.UTC().Format(time.RFC3339)+": "+what)
	}
	return out
}

// Look finds out what each secret is needed for. With reseal it first seals anew what it can; the caller
// makes sure that all who serve know the first secrets.
func (d Databases) Look(ctx context.Context, l Ledger, keep Keep, reseal bool) ([]Need, []Found, error) {
	known, err := l.Rows(ctx)
	if err != nil {
		return nil, nil, err
	}
	readers, err := l.Readers(ctx)
	if err != nil {
		return nil, nil, err
	}
	var found []Found
	for _, t := range tables() {
		if !d.several(t.kind) {
			continue
		}
		f, err := d.walk(ctx, t, reseal)
		if err != nil {
			return nil, nil, err
		}
		found = append(found, f)
	}
	for _, o := range d.Others {
		if !d.several(o.Kind) {
			continue
		}
		f, err := d.other(ctx, o, reseal)
		if err != nil {
			return nil, nil, err
		}
		found = append(found, f)
	}
	var out []Need
	position := map[string]int{}
	for i, s := range d.Secrets {
		n := Need{Secret: s, Position: position[s.Kind], Tables: map[string]int64{}}
		position[s.Kind]++
		if n.Position > 0 {
			if err := d.need(ctx, i, &n, known[[2]string{s.Kind, s.Fingerprint}], readers, found, keep); err != nil {
				return nil, nil, err
			}
		}
		out = append(out, n)
	}
	return out, found, nil
}

func (d Databases) need(ctx context.Context, i int, n *Need, row Row, readers []Reader, found []Found, keep Keep) error {
	plain := int64(0)
	for _, f := range found {
		if f.Kind != n.Kind {
			continue
		}
		if rows := f.By[i]; rows > 0 {
			n.Tables[f.Table] = rows
			n.Rows += rows
		}
		plain += f.Plain
	}
	for _, r := range readers {
		if list := r.Knows[n.Kind]; len(list) > 0 && list[0] == n.Fingerprint {
			n.Holders = append(n.Holders, r.Holder)
		}
	}
	sealed := d.now() // what is in no ledger may have been in use until now
	if !row.Sealing.IsZero() {
		sealed = row.Sealing.Add(step) // it is written down that exactly
	}
	n.Until = sealed.Add(passing)
	switch {
	case n.Kind == "system" && plain > 0:
		n.Until = sealed.Add(max(keep.Token, passing))
	case n.Kind == "cookie":
		last, count, err := d.sessions(ctx, sealed, keep.Session)
		if err != nil {
			return fmt.Errorf("looking at sessions: %w", err)
		}
		if n.Sessions = count; last.After(n.Until) {
			n.Until = last
		}
	}
	return nil
}

// sessions counts the sign-ins that began before an instant and go on, and says when the last of them ends: of
// Kratos, and those that Hydra remembers. Whoever signs in later gets cookies of the new secret.
func (d Databases) sessions(ctx context.Context, before time.Time, life time.Duration) (time.Time, int64, error) {
	now := d.now()
	var (
		last  time.Time
		count int64
	)
	for _, q := range []struct {
		t           table
		from, began string
		ends        string
	}{
		{table{}, "sessions WHERE active = TRUE", "issued_at", "expires_at"},
		{table{hydra: true}, "hydra_oauth2_authentication_session WHERE remember = TRUE", "authenticated_at", ""},
	} {
		// Seconds since 1970 are the same to all three.
		seconds := func(column string) string {
			if d.Dialect == store.SQLite {
				return "unixepoch(" + column + ")"
			}
			return "extract(epoch FROM " + column + ")::BIGINT"
		}
		end := fmt.Sprintf("%s + %d", seconds(q.began), int64(life.Seconds()))
		if q.ends != "" {
			end = seconds(q.ends)
		}
		var n, ends int64
		var err error
		ran := d.around(ctx, q.t, func() {
			err = d.db(q.t).QueryRowContext(ctx, fmt.Sprintf(
				"SELECT count(*), COALESCE(max(%s), 0) FROM %s AND %s <= %d AND %s > %d",
				end, q.from, seconds(q.began), before.Unix(), end, now.Unix())).Scan(&n, &ends)
		})
		if err == nil && !ran {
			err = context.Cause(ctx)
		}
		if err != nil {
			return last, 0, err
		}
		count = max(count, n)
		if n > 0 {
			if at := time.Unix(ends, 0).UTC(); at.After(last) {
				last = at
			}
		}
	}
	// A cookie ends with the life that it was given, however often a session was extended.
	if latest := before.Add(life); last.After(latest) {
		last = latest
	}
	return last, count, nil
}

// Count looks, and keeps what it found for all processes.
func (d Databases) Count(ctx context.Context, l Ledger, keep Keep, reseal bool) ([]Need, []Found, error) {
	needs, found, err := d.Look(ctx, l, keep, reseal)
	if err != nil {
		return nil, nil, err
	}
	return needs, found, l.counted(ctx, needs)
}

// Strangers are the processes that do not know all of these secrets, with what each lacks.
func Strangers(readers []Reader, list []Secret) []string {
	var out []string
	for _, r := range readers {
		for _, s := range list {
			if !slices.Contains(r.Knows[s.Kind], s.Fingerprint) {
				out = append(out, r.Holder+" ("+s.Kind+" "+s.Fingerprint+")")
			}
		}
	}
	return out
}
