package peoplefile

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

// table reads CSV with a header.
type table struct {
	rows    *csv.Reader
	to      []string
	columns []string
}

// CSV reads a table whose header names where each column goes, after mapped.
func CSV(r io.Reader, mapped map[string]string) (Source, error) {
	rows := csv.NewReader(withoutMark(r))
	rows.ReuseRecord, rows.FieldsPerRecord = true, -1
	header, err := rows.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the file is empty; its first line must name the columns, such as email,name,password_hash")
	}
	if err != nil {
		return nil, fmt.Errorf("reading the header: %w", err)
	}
	if len(header) == 1 && strings.ContainsAny(header[0], ";\t") {
		return nil, errors.New("the columns must be separated by commas")
	}
	t := &table{rows: rows}
	seen := map[string]bool{}
	for _, column := range header {
		to, err := target(column, mapped)
		if err != nil {
			return nil, err
		}
		if seen[to] && to != none {
			return nil, fmt.Errorf("two columns go to %s; leave one out with --map COLUMN=-", to)
		}
		seen[to] = true
		t.to, t.columns = append(t.to, to), append(t.columns, strings.TrimSpace(column))
	}
	for column := range mapped {
		if !contains(t.columns, column) {
			return nil, fmt.Errorf("--map names column %s, which the file does not have", column)
		}
	}
	return t, nil
}

func contains(list []string, s string) bool {
	for _, one := range list {
		if one == s {
			return true
		}
	}
	return false
}

// Next implements Source.
func (t *table) Next() (*Person, error) {
	row, err := t.rows.Read()
	if errors.Is(err, io.EOF) {
		return nil, io.EOF
	}
	if broken := (*csv.ParseError)(nil); errors.As(err, &broken) {
		// What comes after a quote that is not closed cannot be told apart.
		return nil, fmt.Errorf("reading line %d: %w", broken.StartLine, broken.Err)
	}
	if err != nil {
		return nil, fmt.Errorf("reading: %w", err)
	}
	line, _ := t.rows.FieldPos(0)
	if len(row) != len(t.to) {
		return nil, &Fault{Line: line, Reason: fmt.Sprintf("it has %d columns and the header %d; a value with a comma needs quotes", len(row), len(t.to))}
	}
	p := &Person{Line: line}
	for i, value := range row {
		if err := p.set(t.to[i], strings.Clone(value)); err != nil {
			return nil, &Fault{Line: line, Field: t.columns[i], Reason: err.Error()}
		}
	}
	if err := p.finish(); err != nil {
		return nil, &Fault{Line: line, Reason: err.Error()}
	}
	return p, nil
}
