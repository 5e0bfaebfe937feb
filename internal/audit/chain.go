package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Record is one row of the trail. docs/audit.md describes it for those who verify it by other means.
type Record struct {
	// Writer is the process that wrote it, and Seq its place in that writer's chain, from 1.
	Writer string `json:"writer"`
	Seq    int64  `json:"seq"`
	// At is when, in milliseconds since 1970. It never falls within a chain.
	At      int64   `json:"at_ms"`
	Kind    string  `json:"kind"`
	Outcome Outcome `json:"outcome"`
	Actor   string  `json:"actor"`
	Subject string  `json:"subject"`
	Client  string  `json:"client"`
	Session string  `json:"session"`
	Request string  `json:"request"`
	Region  string  `json:"region"`
	// Details is a JSON object of strings, its names in order.
	Details string `json:"details"`
	// Sealed are the personal fields, sealed with the key that Key names; empty where there are none.
	Sealed string `json:"sealed"`
	Key    string `json:"key"`
	// Prev is the hash of the record before it, empty for the first.
	Prev string `json:"prev"`
	Hash string `json:"hash"`
}

// preamble is the first line of what is hashed. Another way to hash gets another one.
const preamble = "identityd-audit-1\n"

// sum is the hash of a record: SHA-256 over one line for each field, which has its name, the number of
// bytes of its value and the value, so that no two records have the same text.
func (r Record) sum() string {
	var b strings.Builder
	b.WriteString(preamble)
	for _, f := range [...][2]string{
		{"prev", r.Prev},
		{"writer", r.Writer},
		{"seq", strconv.FormatInt(r.Seq, 10)},
		{"at", strconv.FormatInt(r.At, 10)},
		{"kind", r.Kind},
		{"outcome", string(r.Outcome)},
		{"actor", r.Actor},
		{"subject", r.Subject},
		{"client", r.Client},
		{"session", r.Session},
		{"request", r.Request},
		{"region", r.Region},
		{"details", r.Details},
		{"key", r.Key},
		{"sealed", r.Sealed},
	} {
		b.WriteString(f[0])
		b.WriteByte(' ')
		b.WriteString(strconv.Itoa(len(f[1])))
		b.WriteByte(' ')
		b.WriteString(f[1])
		b.WriteByte('\n')
	}
	return digest(b.String())
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// id is the primary key: the writer and the place, of the same length in each row so that the order of
// the texts is that of the numbers in every collation.
func (r Record) id() string { return rowID(r.Writer, r.Seq) }

func rowID(writer string, seq int64) string { return fmt.Sprintf("%s.%012d", writer, seq) }

// chain is where a writer is.
type chain struct {
	writer string
	seq    int64
	hash   string
	at     int64
}

// next puts a record at the end.
func (c *chain) next(r Record) Record {
	c.seq++
	c.at = max(c.at, r.At) // a clock that was set back
	r.Writer, r.Seq, r.At, r.Prev = c.writer, c.seq, c.at, c.hash
	r.Hash = r.sum()
	c.hash = r.Hash
	return r
}

// details writes a map so that it is the same text each time: encoding/json sorts the names.
func details(m map[string]string) string {
	if len(m) == 0 {
		return "{}"
	}
	raw, err := json.Marshal(m)
	if err != nil { // strings always have a form
		return "{}"
	}
	return string(raw)
}
