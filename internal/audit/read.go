package audit

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Filter chooses records. What is empty chooses all.
type Filter struct {
	Kinds           []string
	Subject, Client string
	// Requests are ids of requests. Nothing finds them faster than a walk through all of the trail.
	Requests []string
	// Since and Until are from when (included) to when (not included).
	Since, Until time.Time
}

// Read is a record that was read: with its personal fields, where their key is there.
type Read struct {
	Record
	Address string `json:"address,omitempty"`
	Agent   string `json:"agent,omitempty"`
	// Unreadable says that there are personal fields, and no key.
	Unreadable bool `json:"unreadable,omitempty"`
}

// Detail returns one of the details.
func (r Read) Detail(name string) string {
	var m map[string]string
	if json.Unmarshal([]byte(r.Details), &m) != nil {
		return ""
	}
	return m[name]
}

func countOf(r Record) int64 {
	n, err := strconv.ParseInt(Read{Record: r}.Detail("count"), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// Reader reads the trail of an installation.
type Reader struct {
	db   *sql.DB
	keys *Keyring
}

// NewReader returns one that opens what was sealed with these keys.
func NewReader(db *sql.DB, wraps [][]byte) *Reader { return &Reader{db, NewKeyring(db, wraps)} }

// cursor is a place in the trail, in the order of time.
type cursor struct {
	at int64
	id string
}

func (f Filter) where(after *cursor, backwards bool) (string, []any) {
	var (
		parts []string
		args  []any
	)
	arg := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	if f.Subject != "" {
		parts = append(parts, "subject = "+arg(f.Subject))
	}
	if f.Client != "" {
		parts = append(parts, "client_id = "+arg(f.Client))
	}
	in := func(column string, words []string) {
		if len(words) == 0 {
			return
		}
		var marks []string
		for _, word := range words {
			marks = append(marks, arg(word))
		}
		parts = append(parts, column+" IN ("+strings.Join(marks, ", ")+")")
	}
	in("kind", f.Kinds)
	in("request_id", f.Requests)
	if !f.Since.IsZero() {
		parts = append(parts, "at_ms >= "+arg(f.Since.UnixMilli()))
	}
	if !f.Until.IsZero() {
		parts = append(parts, "at_ms < "+arg(f.Until.UnixMilli()))
	}
	sign, order := ">", ""
	if backwards {
		sign, order = "<", " DESC"
	}
	if after != nil {
		parts = append(parts, "(at_ms, id) "+sign+" ("+arg(after.at)+", "+arg(after.id)+")")
	}
	text := ""
	if len(parts) > 0 {
		text = "WHERE " + strings.Join(parts, " AND ")
	}
	return text + " ORDER BY at_ms" + order + ", id" + order, args
}

// Each hands on all that the filter chooses, in the order of time.
func (r *Reader) Each(ctx context.Context, f Filter, each func(Read) error) error {
	var after *cursor
	for {
		list, err := r.page(ctx, f, after, false, perPage)
		if err != nil {
			return err
		}
		for _, one := range list {
			if err := each(one); err != nil {
				return err
			}
			after = &cursor{one.At, one.id()}
		}
		if len(list) < perPage {
			return nil
		}
	}
}

// Latest returns the newest n that the filter chooses, newest first, after leaving out some.
func (r *Reader) Latest(ctx context.Context, f Filter, skip, n int) ([]Read, error) {
	list, err := r.page(ctx, f, nil, true, skip+n)
	if err != nil || len(list) <= skip {
		return nil, err
	}
	return list[skip:], nil
}

func (r *Reader) page(ctx context.Context, f Filter, after *cursor, backwards bool, n int) ([]Read, error) {
	where, args := f.where(after, backwards)
	var (
		out   []Read
		names []string
	)
	err := readRecords(ctx, r.db, where+" LIMIT "+strconv.Itoa(n), args, func(_ string, one Record) {
		out = append(out, Read{Record: one})
		if one.Key != "" && !slices.Contains(names, one.Key) {
			names = append(names, one.Key)
		}
	})
	if err != nil || len(names) == 0 {
		return out, err
	}
	keys, err := r.keys.read(ctx, names)
	if err != nil {
		return nil, err
	}
	for i := range out {
		one := &out[i]
		if one.Sealed == "" {
			continue
		}
		key := keys[one.Key]
		if key == nil {
			one.Unreadable = true
			continue
		}
		p, err := key.open(one.Sealed, one.id())
		one.Address, one.Agent, one.Unreadable = p.Address, p.Agent, err != nil
	}
	return out, nil
}

// Follow hands on what the filter chooses from now on, until the context ends.
func (r *Reader) Follow(ctx context.Context, f Filter, every time.Duration, each func(Read) error) error {
	// Processes write up to a second late, and an outage longer: what was seen is remembered for this long.
	const late = 10 * time.Second
	f.Since = time.Now()
	seen := map[string]int64{}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		err := r.Each(ctx, f, func(one Read) error {
			if _, ok := seen[one.id()]; ok {
				return nil
			}
			seen[one.id()] = one.At
			return each(one)
		})
		if ctx.Err() != nil {
			return nil //nolint:nilerr // the end was asked for
		}
		if err != nil {
			return err
		}
		f.Since = time.Now().Add(-late)
		for id, at := range seen {
			if at < f.Since.UnixMilli() {
				delete(seen, id)
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// Line is a record for people.
func (r Read) Line() string {
	parts := []string{r.When().UTC().Format("2006-01-02T15:04:05.000Z"), r.Kind, string(r.Outcome)}
	for _, f := range [...][2]string{
		{"by", r.Actor},
		{"subject", r.Subject},
		{"client", r.Client},
		{"session", r.Session},
		{"address", r.Address},
		{"request", r.Request},
		{"region", r.Region},
	} {
		if f[1] != "" {
			parts = append(parts, f[0]+"="+f[1])
		}
	}
	if r.Unreadable {
		parts = append(parts, "address=(erased)")
	}
	if r.Details != "{}" {
		parts = append(parts, r.Details)
	}
	return strings.Join(parts, "  ")
}

// CheckKinds says which of the words are no kinds.
func CheckKinds(words []string) error {
	names := KindNames()
	for _, w := range words {
		if _, ok := slices.BinarySearch(names, w); !ok {
			near := slices.MinFunc(names, func(a, b string) int { return cmp.Compare(unlike(a, w), unlike(b, w)) })
			return fmt.Errorf("there is no kind %q; did you mean %s? docs/audit.md lists them", w, near)
		}
	}
	return nil
}

// unlike is how many pairs of letters of a word another lacks.
func unlike(a, w string) int {
	a, w = strings.ToLower(a), strings.ToLower(w)
	n := 0
	for i := range len(w) - 1 {
		if !strings.Contains(a, w[i:i+2]) {
			n += 2
		}
	}
	return n + max(len(a)-len(w), 0)/4
}
