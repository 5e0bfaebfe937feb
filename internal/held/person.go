package held

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"example.com/identityd/internal/store"
)

// Person is whom it is about.
type Person struct {
	ID string
	// Names are what the person signs in with, and the addresses that mail goes to, in lower case.
	Names []string
	// Sessions are the ids of their sessions at Kratos.
	Sessions []string
	// Gone says that there is no account: what is left can be found by the id alone.
	Gone bool
}

// Find reads who a person is from the database, so that it can be asked while the account is there and remembered.
func (k *Keeper) Find(ctx context.Context, id string) (Person, error) {
	p := Person{ID: id, Gone: true}
	mark := uuidMark(k.cfg.Dialect, 1)
	for _, query := range []string{
		"SELECT 'id' FROM identities WHERE id = " + mark,
		"SELECT value FROM identity_verifiable_addresses WHERE identity_id = " + mark,
		"SELECT value FROM identity_recovery_addresses WHERE identity_id = " + mark,
		"SELECT identifier FROM identity_credential_identifiers WHERE identity_credential_id IN (SELECT id FROM identity_credentials WHERE identity_id = " + mark + ")",
		"SELECT 'session:' || CAST(id AS TEXT) FROM sessions WHERE identity_id = " + mark,
	} {
		if err := k.ask(ctx, query, &p); err != nil {
			return p, fmt.Errorf("looking for the names of a person: %w", err)
		}
	}
	slices.Sort(p.Names)
	p.Names = slices.Compact(p.Names)
	return p, nil
}

// ask adds what one question finds.
func (k *Keeper) ask(ctx context.Context, query string, p *Person) error {
	rows, err := k.cfg.Kratos.QueryContext(ctx, query, p.ID)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var one string
		if err := rows.Scan(&one); err != nil {
			return err
		}
		switch session, found := strings.CutPrefix(one, "session:"); {
		case one == "id":
			p.Gone = false
		case found:
			p.Sessions = append(p.Sessions, session)
		case one != p.ID:
			p.Names = append(p.Names, strings.ToLower(one))
		}
	}
	return rows.Err()
}

// needles are the forms in which a text may hold the person: as it is, in an address of the web, and in JSON.
func (p Person) needles() []string {
	out := []string{strings.ToLower(p.ID)}
	for _, name := range p.Names {
		quoted, err := json.Marshal(name)
		if err != nil {
			quoted = []byte(`""`)
		}
		for _, form := range []string{name, strings.ToLower(url.QueryEscape(name)), strings.ToLower(url.PathEscape(name)), strings.Trim(string(quoted), `"`)} {
			if form != "" && !slices.Contains(out, form) {
				out = append(out, form)
			}
		}
	}
	return out
}

// mentioned reports whether a text names the person, and not somebody whose name only contains theirs.
func (p Person) mentioned(text string) bool {
	text = strings.ToLower(text)
	for _, needle := range p.needles() {
		for from := 0; ; {
			i := strings.Index(text[from:], needle)
			if i < 0 {
				break
			}
			begin, end := from+i, from+i+len(needle)
			if !goesOn(text, begin-1) && !goesOn(text, end) {
				return true
			}
			from = begin + 1
		}
	}
	return false
}

// goesOn reports whether a name goes on at this place.
func goesOn(text string, at int) bool {
	if at < 0 || at >= len(text) {
		return false
	}
	c := text[at]
	switch {
	case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '_', c == '-', c == '+', c >= 0x80:
		return true
	case c == '.': // the end of a sentence is the end of a name
		return at+1 < len(text) && text[at+1] >= 'a' && text[at+1] <= 'z'
	}
	return false
}

func uuidMark(d store.Dialect, n int) string {
	if d == store.SQLite {
		return fmt.Sprintf("$%d", n)
	}
	return fmt.Sprintf("CAST($%d AS UUID)", n)
}
