package ory

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/gobuffalo/pop/v6"
	"github.com/ory/x/fsx"
	"github.com/ory/x/logrusx"
	"github.com/ory/x/popx"
)

// Step is one migration of an engine.
type Step struct {
	Version string `json:"version"`
	Name    string `json:"name"`
	// Changed tells that a text of ours takes the place of the engine's.
	Changed bool `json:"changed,omitempty"`

	path string
	// alone runs without a transaction around it.
	alone bool
	// dialect is empty for a file that suits every kind of database.
	dialect string
}

// Migrations are those of one engine for the kind of database that it is on. The engines have a list
// of their own, but one that takes no other text in place of a file (docs/ory-quirks.md#q28), tells
// nobody how far it is, and is sorted anew after each of its files.
type Migrations struct {
	engine string
	files  fs.FS
	steps  []Step
	conn   *pop.Connection
	log    *logrusx.Logger

	// Before runs ahead of everything else; nil is allowed.
	Before func(context.Context) error
	// Baseline may fill a database that nothing was applied to, the record of the migrations included,
	// and reports whether it did. What it leaves out is migrated. nil is allowed.
	Baseline func(ctx context.Context, db *sql.DB) (bool, error)
}

// ReadMigrations reads the migrations in files for the kind of database of conn. A file in overlay
// takes the place of the one of the same path; nil is allowed.
func ReadMigrations(engine string, files, overlay fs.FS, conn *pop.Connection, log *logrusx.Logger) (*Migrations, error) {
	m := &Migrations{engine: engine, files: files, conn: conn, log: log}
	if overlay != nil {
		m.files = fsx.Merge(overlay, files) // the first one wins
	}
	byVersion := map[string]Step{}
	err := fs.WalkDir(m.files, ".", func(p string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		step, ok := m.step(p)
		// A file for this kind of database goes before one for all.
		if other, taken := byVersion[step.Version]; ok && (!taken || other.dialect == "") {
			step.Changed = overlay != nil && exists(overlay, p)
			byVersion[step.Version] = step
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("listing migrations of %s: %w", engine, err)
	}
	if len(byVersion) == 0 {
		return nil, fmt.Errorf("there are no migrations of %s for %s", engine, conn.Dialect.Name())
	}
	for _, s := range byVersion {
		m.steps = append(m.steps, s)
	}
	slices.SortFunc(m.steps, func(a, b Step) int { return cmp.Compare(a.Version, b.Version) })
	return m, nil
}

// step reads a file name. Files that are none of an up migration, or of another kind of database, are
// passed over.
func (m *Migrations) step(p string) (Step, bool) {
	if !strings.HasSuffix(p, ".up.sql") {
		return Step{}, false // half of the files, before they are taken apart
	}
	match, err := popx.ParseMigrationFilename(path.Base(p))
	if err != nil || match == nil || match.Direction != "up" {
		return Step{}, false
	}
	s := Step{Version: match.Version, Name: match.Name, path: p, alone: match.Autocommit}
	switch match.DBType {
	case "all":
		return s, true
	case m.conn.Dialect.Name():
		s.dialect = match.DBType
		return s, true
	}
	return Step{}, false
}

// Steps returns all of them, in their order.
func (m *Migrations) Steps() []Step { return m.steps }

// Engine returns the name of the engine.
func (m *Migrations) Engine() string { return m.engine }

// SQL returns what a step runs, without the comments. It is empty for a step that has nothing to do on
// this kind of database.
func (m *Migrations) SQL(s Step) (string, error) {
	text, err := m.text(s)
	return trimSQL(text), err
}

func (m *Migrations) text(s Step) (string, error) {
	raw, err := fs.ReadFile(m.files, s.path)
	if err != nil {
		return "", fmt.Errorf("reading migration %s: %w", s.Version, err)
	}
	text, err := popx.ParameterizedMigrationContent(nil)(popx.Migration{Path: s.path, Type: "sql"}, m.conn, raw, true)
	if err != nil {
		return "", fmt.Errorf("reading migration %s: %w", s.Version, err)
	}
	return text, nil
}

// trimSQL takes comments of whole lines away, which upstream's files begin with.
func trimSQL(text string) string {
	var out []string
	for line := range strings.Lines(text) {
		if line = strings.TrimRight(line, " \t\r\n"); line != "" && !strings.HasPrefix(strings.TrimSpace(line), "--") {
			out = append(out, line)
		}
	}
	return strings.Join(out, "\n")
}

func exists(files fs.FS, p string) bool {
	_, err := fs.Stat(files, p)
	return !errors.Is(err, fs.ErrNotExist)
}
