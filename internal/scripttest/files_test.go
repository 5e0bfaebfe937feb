package scripttest

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	_ "github.com/mattn/go-sqlite3" // the driver of the command sql
	"github.com/rogpeppe/go-internal/testscript"
	"go.yaml.in/yaml/v3"
)

// sql file query prints one value of a SQLite database a line. The file is not written to.
func (b *bench) sql(ts *testscript.TestScript, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: sql file query")
	}
	mode := "ro"
	if strings.HasPrefix(args[1], "INSERT") || strings.HasPrefix(args[1], "DELETE") {
		mode = "rw"
	}
	db, err := sql.Open("sqlite3", "file:"+ts.MkAbs(args[0])+"?mode="+mode+"&_busy_timeout=10000")
	ts.Check(err)
	defer db.Close()
	rows, err := db.QueryContext(b.tb.Context(), args[1])
	ts.Check(err)
	defer rows.Close()
	for rows.Next() {
		var value string
		ts.Check(rows.Scan(&value))
		fmt.Fprintln(ts.Stdout(), value)
	}
	ts.Check(rows.Err())
}

// mode 0600 path... fails unless the files have exactly these permissions.
func (b *bench) mode(ts *testscript.TestScript, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: mode 0600 path...")
	}
	want, err := strconv.ParseUint(args[0], 8, 32)
	ts.Check(err)
	for _, path := range args[1:] {
		info, err := os.Stat(ts.MkAbs(path))
		ts.Check(err)
		if got := info.Mode().Perm(); got != os.FileMode(want) {
			b.tb.Errorf("%s has mode %04o, want %04o", path, got, want)
		}
	}
}

// jsonlines most file fails unless the file holds JSON objects only, one a line, at least one and at
// most as many.
func (b *bench) jsonLines(ts *testscript.TestScript, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: jsonlines most file")
	}
	most, err := strconv.Atoi(args[0])
	ts.Check(err)
	text := ts.ReadFile(args[1])
	n := 0
	for line := range strings.Lines(text) {
		n++
		var object map[string]any
		if err := json.Unmarshal([]byte(line), &object); err != nil {
			ts.Fatalf("%s:%d is no JSON object: %s", args[1], n, line)
		}
	}
	if n == 0 || n > most {
		ts.Fatalf("%s has %d lines, want 1 to %d:\n%s", args[1], n, most, text)
	}
}

// nosecrets least file... fails when a file holds the password, a cookie, a token or a form's secret
// of this script, or a value of the generated secrets. The script says how many there are at least.
func (b *bench) noSecrets(ts *testscript.TestScript, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: nosecrets least file...")
	}
	least, err := strconv.Atoi(args[0])
	ts.Check(err)
	secrets := append(b.generated(ts), b.secrets...)
	known := 0
	for _, secret := range secrets {
		if secret == "" {
			continue
		}
		known++
		for _, path := range args[1:] {
			text := ts.ReadFile(path)
			for _, form := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret)} {
				if strings.Contains(text, form) {
					b.tb.Errorf("%s holds the secret %q", path, form)
				}
			}
		}
	}
	if known < least {
		ts.Fatalf("only %d secrets are known, want at least %d", known, least)
	}
}

// secret value... tells nosecrets of more of them.
func (b *bench) secret(ts *testscript.TestScript, args []string) {
	if len(args) == 0 {
		ts.Fatalf("usage: secret value...")
	}
	b.secrets = append(b.secrets, args...)
}

// generated returns the secrets that the first start made, if there was one.
func (b *bench) generated(ts *testscript.TestScript) []string {
	raw, err := os.ReadFile(filepath.Join(ts.MkAbs("identityd-data"), "secrets.yaml"))
	if err != nil {
		return nil
	}
	var kinds map[string][]string
	ts.Check(yaml.Unmarshal(raw, &kinds))
	var out []string
	for _, list := range kinds {
		out = append(out, list...)
	}
	return out
}
