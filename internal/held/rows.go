package held

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"example.com/identityd/internal/store"
)

// row is one row: its key, what is shown of it, and the texts in which the person is looked for.
type row struct{ key, shows []any }

// clause collects the arguments of a condition.
type clause struct {
	dialect store.Dialect
	person  Person
	args    []any
}

func (c *clause) arg(v any) string {
	c.args = append(c.args, v)
	return "$" + strconv.Itoa(len(c.args))
}

// id is the person's id as a UUID of Kratos'.
func (c *clause) id() string {
	c.args = append(c.args, c.person.ID)
	return uuidMark(c.dialect, len(c.args))
}

// names is a condition on a column with an address.
func (c *clause) names(column string) string {
	if len(c.person.Names) == 0 {
		return "1 = 0"
	}
	var marks []string
	for _, name := range c.person.Names {
		marks = append(marks, c.arg(name))
	}
	return "lower(" + column + ") IN (" + strings.Join(marks, ", ") + ")"
}

// bytesColumn is the one column of bytes that is looked through (Kratos keeps the model of a mail so).
const bytesColumn = "template_data"

// texts is a condition that is wider than it has to be: what it finds is looked at again.
func (c *clause) texts(columns []string) string {
	var parts []string
	for _, column := range columns {
		read := "CAST(x." + column + " AS TEXT)"
		if column == bytesColumn && c.dialect != store.SQLite {
			read = "encode(x." + column + ", 'escape')" // bytes, whose text would be hexadecimal
		}
		for _, needle := range c.person.needles() {
			parts = append(parts, "lower("+read+") LIKE "+c.arg("%"+escaped(needle)+"%")+` ESCAPE '!'`)
		}
	}
	return strings.Join(parts, " OR ")
}

func escaped(s string) string { return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(s) }

// rows reads the rows of a place that are about a person.
func (k *Keeper) rows(ctx context.Context, p place, who Person) ([]row, error) {
	var found []row
	seen := map[string]bool{}
	read := func(condition string, args []any, judge bool) error {
		columns := append(append(append([]string{}, p.keys()...), p.shows...), p.texts...)
		for i, c := range columns {
			if i < len(p.key) {
				columns[i] = "CAST(x." + c + " AS TEXT)"
			} else if !strings.Contains(c, " AS ") {
				columns[i] = "x." + c
			}
		}
		rows, err := k.db(p).QueryContext(ctx, "SELECT "+strings.Join(columns, ", ")+" FROM "+p.table+" AS x WHERE "+condition, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			values := make([]any, len(columns))
			into := make([]any, len(columns))
			for i := range values {
				into[i] = &values[i]
			}
			if err := rows.Scan(into...); err != nil {
				return err
			}
			key := fmt.Sprint(values[:len(p.key)]...)
			if seen[key] || judge && !mentions(who, values[len(p.key)+len(p.shows):]) {
				continue
			}
			seen[key] = true
			found = append(found, row{values[:len(p.key)], values[len(p.key) : len(p.key)+len(p.shows)]})
		}
		return rows.Err()
	}
	if p.exact != nil {
		c := &clause{dialect: k.cfg.Dialect, person: who}
		if condition := p.exact(c); condition != "" {
			if err := read(condition, c.args, false); err != nil {
				return nil, err
			}
		}
	}
	if len(p.texts) > 0 {
		c := &clause{dialect: k.cfg.Dialect, person: who}
		if err := read(c.texts(p.texts), c.args, true); err != nil {
			return nil, err
		}
	}
	return found, nil
}

func mentions(who Person, texts []any) bool {
	for _, text := range texts {
		if who.mentioned(asText(text)) {
			return true
		}
	}
	return false
}

func asText(v any) string {
	switch x := v.(type) {
	case nil:
		return ""
	case []byte:
		return string(x)
	case string:
		return x
	}
	return fmt.Sprint(v)
}

// shown returns what the person gets of a row.
func (r row) shown(p place) map[string]any {
	out := map[string]any{}
	for i, name := range p.shows {
		if _, as, found := strings.Cut(name, " AS "); found {
			name = as
		}
		switch v := r.shows[i].(type) {
		case nil:
		case time.Time:
			out[name] = v.UTC().Format(time.RFC3339)
		case string, []byte:
			text := asText(v)
			// A column of JSON is read by whoever reads the file.
			if strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[") {
				if json.Valid([]byte(text)) {
					out[name] = json.RawMessage(text)
					continue
				}
			}
			if text != "" {
				out[name] = text
			}
		default:
			out[name] = v
		}
	}
	return out
}

// atOnce is how many rows one statement removes.
const atOnce = 100

var errBusy = errors.New("the database is busy; try again")

// remove removes rows by their keys.
func (k *Keeper) remove(ctx context.Context, p place, rows []row) error {
	around := k.cfg.AroundKratos
	if p.in == inHydra {
		around = k.cfg.AroundHydra
	}
	for len(rows) > 0 {
		n := min(atOnce, len(rows))
		batch := rows[:n]
		rows = rows[n:]
		var err error
		work := func() {
			err = store.Tx(ctx, k.db(p), k.cfg.Dialect, func(tx *sql.Tx) error {
				query, args := p.deletion(k.cfg.Dialect, batch)
				_, err := tx.ExecContext(ctx, query, args...)
				return err
			})
		}
		if around == nil {
			work()
		} else if !around(ctx, work) {
			return errBusy
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// deletion is one statement for some rows.
func (p place) deletion(d store.Dialect, rows []row) (string, []any) {
	var (
		conditions []string
		args       []any
	)
	for _, r := range rows {
		var parts []string
		for i, column := range p.key {
			args = append(args, r.key[i])
			mark := uuidMark(d, len(args))
			if p.typed {
				mark = "$" + strconv.Itoa(len(args))
			}
			parts = append(parts, column+" = "+mark)
		}
		conditions = append(conditions, "("+strings.Join(parts, " AND ")+")")
	}
	return "DELETE FROM " + p.table + " WHERE " + strings.Join(conditions, " OR "), args
}
