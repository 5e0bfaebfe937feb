package audit

import (
	"context"
	"crypto/hmac"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Finding is something that is not as it was written.
type Finding struct {
	// Where is the id of a record (writer.number), an anchor or a writer.
	Where string `json:"where"`
	// What is wrong, in words.
	What string `json:"what"`
}

// Report is what a verification found.
type Report struct {
	Records int64 `json:"records"`
	Writers int   `json:"writers"`
	Anchors int   `json:"anchors"`
	// Findings are empty where the trail is whole.
	Findings []Finding `json:"findings"`
	// Lost is how many events the trail itself says were not written.
	Lost int64 `json:"lost"`
	// Unanchored is how many records are younger than the newest anchor: their end could be cut off.
	Unanchored int64 `json:"unanchored"`
	// Newest is the newest anchor.
	Newest *Anchor `json:"newest"`
}

// maxFindings bounds what is told: one fault may make many.
const maxFindings = 100

type verifier struct {
	db     *sql.DB
	wraps  [][]byte
	report Report
	// bound are the places that anchors name and that have not been met yet, and by which anchor.
	bound map[string]map[int64]boundAt
	top   heads // the last place of each writer that an anchor names
	cuts  heads
	last  map[string]int64
	at    chain
}

type boundAt struct {
	hash   string
	anchor int64
}

// Known is an anchor that was kept elsewhere.
type Known struct {
	Number int64
	Hash   string
}

// Verify walks through the whole trail. What keeps it from reading is an error; what it finds is not.
func Verify(ctx context.Context, db *sql.DB, wraps [][]byte, known ...Known) (Report, error) {
	v := &verifier{
		db: db, wraps: wraps, bound: map[string]map[int64]boundAt{}, top: heads{}, cuts: heads{}, last: map[string]int64{},
	}
	v.report.Findings = []Finding{}
	if err := v.anchors(ctx, known); err != nil {
		return Report{}, err
	}
	if err := v.records(ctx); err != nil {
		return Report{}, err
	}
	v.missing()
	v.report.Writers = len(v.last)
	return v.report, nil
}

func (v *verifier) found(where, what string, args ...any) {
	if len(v.report.Findings) < maxFindings {
		v.report.Findings = append(v.report.Findings, Finding{where, fmt.Sprintf(what, args...)})
	}
}

func (v *verifier) anchors(ctx context.Context, known []Known) error {
	rows, err := v.db.QueryContext(ctx, "SELECT "+anchorColumns+" FROM identityd_audit_anchor ORDER BY number")
	if err != nil {
		return fmt.Errorf("reading anchors: %w", err)
	}
	defer rows.Close()
	var list []Anchor
	for rows.Next() {
		a, err := scanAnchor(rows)
		if err != nil {
			return fmt.Errorf("reading anchors: %w", err)
		}
		list = append(list, a)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("reading anchors: %w", err)
	}
	v.report.Anchors = len(list)
	cut := end{}
	for i, a := range list {
		name := "anchor " + strconv.FormatInt(a.Number, 10)
		if a.sum() != a.Hash {
			v.found(name, "was changed: its hash is not that of what it says")
		}
		v.mac(name, a)
		if i > 0 && a.Number != list[i-1].Number+1 {
			v.found(name, "anchors are missing between %d and this one", list[i-1].Number)
		} else if i > 0 && a.Prev != list[i-1].Hash {
			v.found(name, "is not bound to the anchor before it")
		}
		heads, err := readHeads(a.Heads)
		if err != nil {
			v.found(name, "cannot be read")
			continue
		}
		for writer, e := range heads {
			v.bind(writer, e, a.Number)
		}
		cuts, err := readHeads(a.Cuts)
		if err != nil {
			v.found(name, "cannot be read")
			continue
		}
		if e, ok := cuts[cutAnchor]; ok {
			cut = e
			delete(cuts, cutAnchor)
		}
		for writer, e := range cuts {
			v.cuts.max(writer, e)
		}
		v.report.Newest = &list[i]
	}
	if len(list) > 0 && (list[0].Number != cut.seq+1 || list[0].Prev != cut.hash) {
		v.found("anchor "+strconv.FormatInt(list[0].Number, 10), "anchors before it are missing, and no retention removed them")
	}
	for _, k := range known {
		i := slices.IndexFunc(list, func(a Anchor) bool { return a.Number == k.Number })
		switch name := "anchor " + strconv.FormatInt(k.Number, 10); {
		case i < 0 && k.Number <= cut.seq && (k.Number != cut.seq || k.Hash == cut.hash): // the retention
		case i < 0:
			v.found(name, "is not there; it was kept elsewhere with the hash %s", k.Hash)
		case list[i].Hash != k.Hash:
			v.found(name, "has another hash than the one that was kept elsewhere")
		}
	}
	return nil
}

func (v *verifier) mac(name string, a Anchor) {
	id, _, _ := strings.Cut(a.MAC, ":")
	for _, w := range v.wraps {
		if wrapID(w) == id && !hmac.Equal([]byte(a.sign(w)), []byte(a.MAC)) {
			v.found(name, "was not made by a process that knows the secret")
		}
	}
}

func (v *verifier) bind(writer string, e end, anchor int64) {
	if v.bound[writer] == nil {
		v.bound[writer] = map[int64]boundAt{}
	}
	v.bound[writer][e.seq] = boundAt{e.hash, anchor}
	v.top.max(writer, e)
}

// perPage is how many records one statement reads.
const perPage = 1000

func (v *verifier) records(ctx context.Context) error {
	after := ""
	for {
		n := 0
		err := readRecords(ctx, v.db, "WHERE id > $1 ORDER BY id LIMIT "+strconv.Itoa(perPage), []any{after}, func(id string, r Record) {
			n++
			after = id
			v.record(id, r)
		})
		if err != nil {
			return err
		}
		if n < perPage {
			return nil
		}
	}
}

func (v *verifier) record(id string, r Record) {
	cut := v.cuts[r.Writer]
	if r.Seq <= cut.seq {
		return // about to be removed
	}
	v.report.Records++
	if v.at.writer != r.Writer {
		v.at = chain{writer: r.Writer, seq: cut.seq, hash: cut.hash}
	}
	switch {
	case id != r.id():
		v.found(id, "says to be record %d of %s", r.Seq, r.Writer)
	case r.sum() != r.Hash:
		v.found(id, "was changed: its hash is not that of what it says")
	case r.Seq == v.at.seq+2:
		v.found(id, "record %d before it is missing", v.at.seq+1)
	case r.Seq > v.at.seq+1:
		v.found(id, "records %d to %d before it are missing", v.at.seq+1, r.Seq-1)
	case r.Prev != v.at.hash:
		v.found(id, "does not follow the record before it: one of them was put here")
	}
	if b, ok := v.bound[r.Writer][r.Seq]; ok {
		if b.hash != r.Hash {
			v.found(id, "is another one than anchor %d bound", b.anchor)
		}
		delete(v.bound[r.Writer], r.Seq)
	}
	if r.Seq > v.top[r.Writer].seq {
		v.report.Unanchored++
	}
	if r.Kind == TrailGap {
		v.report.Lost += countOf(r)
	}
	v.at.seq, v.at.hash = r.Seq, r.Hash
	v.last[r.Writer] = r.Seq
}

// missing are the places that anchors name and that no record is at.
func (v *verifier) missing() {
	for writer, top := range v.top {
		cut := v.cuts[writer]
		switch last, there := v.last[writer]; {
		case top.seq <= cut.seq: // the retention
		case !there && cut.seq == 0:
			v.found("writer "+writer, "its whole chain of at least %d records is missing (anchor %d bound it)", top.seq, v.bound[writer][top.seq].anchor)
		case last < top.seq:
			v.found("writer "+writer, "the end of its chain is missing: anchor %d bound record %d, the last one there is %d",
				v.bound[writer][top.seq].anchor, top.seq, max(last, cut.seq))
		}
	}
	slices.SortStableFunc(v.report.Findings, func(a, b Finding) int { return strings.Compare(a.Where, b.Where) })
}

// readRecords reads records and hands each on with its id.
func readRecords(ctx context.Context, db *sql.DB, where string, args []any, each func(id string, r Record)) error {
	rows, err := db.QueryContext(ctx, "SELECT "+columns+" FROM identityd_audit "+where, args...)
	if err != nil {
		return fmt.Errorf("reading the audit trail: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var (
			id string
			r  Record
		)
		err := rows.Scan(&id, &r.Writer, &r.Seq, &r.At, &r.Kind, &r.Outcome, &r.Actor, &r.Subject, &r.Client, &r.Session,
			&r.Request, &r.Region, &r.Details, &r.Sealed, &r.Key, &r.Prev, &r.Hash)
		if err != nil {
			return fmt.Errorf("reading the audit trail: %w", err)
		}
		each(id, r)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("reading the audit trail: %w", err)
	}
	return nil
}

// ParseKnown reads an anchor that was kept elsewhere: its number, a colon and its hash.
func ParseKnown(text string) (Known, error) {
	number, hash, _ := strings.Cut(text, ":")
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || len(hash) != 64 {
		return Known{}, errors.New("an anchor is written as its number, a colon and its hash of 64 digits, as `identityd audit anchor` prints it")
	}
	return Known{n, hash}, nil
}

// When is the time of a record.
func (r Record) When() time.Time { return time.UnixMilli(r.At) }
