package audit

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"example.com/identityd/internal/store"
)

// Anchor binds the ends of the chains: what it names can no longer go without showing. Each is bound to the
// one before, so that the newest, kept elsewhere, binds everything.
type Anchor struct {
	Number int64  `json:"number"`
	At     int64  `json:"at_ms"`
	Writer string `json:"writer"`
	Prev   string `json:"prev"`
	// Heads is a JSON object of "seq:hash" by writer: the chains that went on since the anchor before.
	Heads string `json:"heads"`
	// Cuts is the same for chains that the retention removed up to there; with the anchor up to which,
	// under the name "anchor".
	Cuts string `json:"cuts"`
	Hash string `json:"hash"`
	// MAC is the id of a key, a colon, and HMAC-SHA256 of Hash with it.
	MAC string `json:"mac"`
}

// cutAnchor is the name in Cuts of the anchor up to which anchors are gone.
const cutAnchor = "anchor"

const anchorPreamble = "identityd-anchor-1\n"

func (a Anchor) sum() string {
	var b strings.Builder
	b.WriteString(anchorPreamble)
	for _, f := range [...][2]string{
		{"prev", a.Prev},
		{"number", strconv.FormatInt(a.Number, 10)},
		{"at", strconv.FormatInt(a.At, 10)},
		{"writer", a.Writer},
		{"heads", a.Heads},
		{"cuts", a.Cuts},
	} {
		b.WriteString(f[0] + " " + strconv.Itoa(len(f[1])) + " " + f[1] + "\n")
	}
	return digest(b.String())
}

// sign makes the MAC: who can write into the database but has no secret cannot make an anchor.
func (a Anchor) sign(wrap []byte) string {
	key := sha256.Sum256(append([]byte("identityd audit anchors "), wrap...))
	mac := hmac.New(sha256.New, key[:])
	mac.Write([]byte(a.Hash))
	return wrapID(wrap) + ":" + hex.EncodeToString(mac.Sum(nil))
}

// heads are the ends of chains by writer.
type heads map[string]end

// end is a place in a chain.
type end struct {
	seq  int64
	hash string
}

func (e end) String() string { return strconv.FormatInt(e.seq, 10) + ":" + e.hash }

func (h heads) text() string {
	m := make(map[string]string, len(h))
	for writer, e := range h {
		m[writer] = e.String()
	}
	return details(m)
}

func readHeads(text string) (heads, error) {
	var m map[string]string
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		return nil, fmt.Errorf("reading an anchor: %w", err)
	}
	out := heads{}
	for writer, v := range m {
		number, hash, _ := strings.Cut(v, ":")
		seq, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("reading an anchor: %w", err)
		}
		out[writer] = end{seq, hash}
	}
	return out, nil
}

// max keeps the later one.
func (h heads) max(writer string, e end) {
	if e.seq > h[writer].seq {
		h[writer] = e
	}
}

const anchorColumns = "number, at_ms, writer, prev, heads, cuts, hash, mac"

func scanAnchor(row interface{ Scan(...any) error }) (a Anchor, err error) {
	err = row.Scan(&a.Number, &a.At, &a.Writer, &a.Prev, &a.Heads, &a.Cuts, &a.Hash, &a.MAC)
	return a, err
}

// Newest returns the newest anchor, and false when there is none.
func Newest(ctx context.Context, db *sql.DB) (Anchor, bool, error) {
	a, err := scanAnchor(db.QueryRowContext(ctx, "SELECT "+anchorColumns+" FROM identityd_audit_anchor ORDER BY number DESC LIMIT 1"))
	if errors.Is(err, sql.ErrNoRows) {
		return Anchor{}, false, nil
	}
	if err != nil {
		return Anchor{}, false, fmt.Errorf("reading the newest anchor: %w", err)
	}
	return a, true, nil
}

// overlap is how far before the anchor before records are looked for: a batch may be written late.
const overlap = time.Hour

// Anchor makes one now and returns it. It returns false when another process just did.
func (t *Trail) Anchor(ctx context.Context) (Anchor, bool, error) {
	before, any, err := Newest(ctx, t.cfg.DB)
	if err != nil {
		return Anchor{}, false, err
	}
	since := int64(0)
	if any {
		since = before.At
		if !t.anchorsRule { // where the clock was set back, what is written now is older than that anchor
			since = min(since, t.cfg.Now().UnixMilli())
		}
		since -= overlap.Milliseconds()
	}
	have, err := headsSince(ctx, t.cfg.DB, since)
	if err != nil {
		return Anchor{}, false, err
	}
	if any {
		said, err := readHeads(before.Heads)
		if err != nil {
			return Anchor{}, false, err
		}
		for writer, e := range said {
			if have[writer] == e {
				delete(have, writer)
			}
		}
	}
	a := t.anchor(before, have, heads{})
	made := false
	err = store.Tx(ctx, t.cfg.DB, t.cfg.Dialect, func(tx *sql.Tx) (err error) {
		made, err = insertAnchor(ctx, tx, a)
		return err
	})
	if err != nil {
		return Anchor{}, false, fmt.Errorf("making an anchor: %w", err)
	}
	return a, made, nil
}

func (t *Trail) anchor(before Anchor, at, cuts heads) Anchor {
	a := Anchor{
		Number: before.Number + 1, At: t.cfg.Now().UnixMilli(), Writer: t.Writer(), Prev: before.Hash,
		Heads: at.text(), Cuts: cuts.text(),
	}
	a.Hash = a.sum()
	if wraps := t.keys.Load().wraps; len(wraps) > 0 {
		a.MAC = a.sign(wraps[0])
	}
	return a
}

func insertAnchor(ctx context.Context, tx *sql.Tx, a Anchor) (bool, error) {
	res, err := tx.ExecContext(ctx, "INSERT INTO identityd_audit_anchor ("+anchorColumns+
		") VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (number) DO NOTHING",
		a.Number, a.At, a.Writer, a.Prev, a.Heads, a.Cuts, a.Hash, a.MAC)
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n == 1, err
}

// headsSince are the ends of the chains that went on since then.
func headsSince(ctx context.Context, db *sql.DB, since int64) (heads, error) {
	rows, err := db.QueryContext(ctx, `SELECT x.writer, x.seq, x.hash FROM identityd_audit AS x JOIN (
			SELECT writer, max(id) AS id FROM identityd_audit WHERE at_ms >= $1 GROUP BY writer
		) AS y ON y.id = x.id`, since)
	if err != nil {
		return nil, fmt.Errorf("reading the ends of the chains: %w", err)
	}
	defer rows.Close()
	out := heads{}
	for rows.Next() {
		var (
			writer string
			e      end
		)
		if err := rows.Scan(&writer, &e.seq, &e.hash); err != nil {
			return nil, fmt.Errorf("reading the ends of the chains: %w", err)
		}
		out[writer] = e
	}
	return out, rows.Err()
}
