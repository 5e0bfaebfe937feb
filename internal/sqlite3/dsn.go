package sqlite3

import (
	"fmt"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
)

// mattn's driver waits as long for a lock when nothing else is said.
const defaultBusyTimeout = 5000

// dsn is what the driver below is given.
type dsn struct {
	name string
	// sharedFor bounds a wait for a table of a cache that connections share, to which SQLite's own busy
	// timeout does not apply; 0 where there is no such cache.
	sharedFor time.Duration
}

// values says which values a parameter takes.
type values []string

// Both names of a parameter mean the same; where both are given the second counts, as in mattn's driver.
type parameter struct {
	name, alias string
	pragma      string // empty: the driver below knows the parameter under its name
	values      values // nil: an integer
}

func parameters() []parameter {
	boolean := values{"0", "1", "false", "true", "no", "yes", "off", "on"}
	return []parameter{
		{"_busy_timeout", "_timeout", "", nil},
		{"_foreign_keys", "_fk", "", boolean},
		{"_journal_mode", "_journal", "", values{"delete", "truncate", "persist", "memory", "wal", "off"}},
		{"_synchronous", "_sync", "", values{"0", "off", "1", "normal", "2", "full", "3", "extra"}},
		{"_auto_vacuum", "_vacuum", "", values{"0", "none", "1", "full", "2", "incremental"}},
		{"_query_only", "", "", boolean},
		{"_txlock", "", "", values{"deferred", "immediate", "exclusive"}},
		{"_cache_size", "", "cache_size", nil},
		{"_case_sensitive_like", "_cslike", "case_sensitive_like", boolean},
		{"_defer_foreign_keys", "_defer_fk", "defer_foreign_keys", boolean},
		{"_ignore_check_constraints", "", "ignore_check_constraints", boolean},
		{"_locking_mode", "_locking", "locking_mode", values{"normal", "exclusive"}},
		{"_recursive_triggers", "_rt", "recursive_triggers", boolean},
		{"_secure_delete", "", "secure_delete", append(values{"fast"}, boolean...)},
		// One connection is used by one goroutine at a time either way.
		{"_mutex", "", "ignored", values{"no", "full"}},
	}
}

// ofURI are SQLite's own parameters of a file: name (sqlite.org/uri.html).
func ofURI() []string { return []string{"cache", "immutable", "mode", "modeof", "nolock", "psow"} }

// ofOthers ride along in the DSNs of pop and ory/x and mean nothing to a driver.
func ofOthers() []string {
	return []string{
		"lock", "retry_limit", "retry_sleep",
		"max_conns", "max_idle_conns", "max_conn_lifetime", "max_conn_idle_time",
	}
}

// translate checks the parameters of a DSN in mattn's words and says them in those of the driver below.
func translate(name string) (dsn, error) {
	file, query, _ := strings.Cut(name, "?")
	given, err := url.ParseQuery(query)
	if err != nil {
		return dsn{}, fmt.Errorf("what follows the question mark is malformed: %w", err)
	}
	out := url.Values{
		// As mattn's driver writes times: comparisons of old and new rows are comparisons of text.
		"_time_format": {"sqlite"},
		"_inttotime":   {"1"},
		// The words of an error belong to the statement that failed, never to one before it.
		"_error_rc":     {"1"},
		"_busy_timeout": {strconv.Itoa(defaultBusyTimeout)},
	}
	for _, p := range parameters() {
		if err := p.take(given, out); err != nil {
			return dsn{}, err
		}
	}
	uri := strings.HasPrefix(file, "file:")
	if err := rest(given, out, uri); err != nil {
		return dsn{}, err
	}
	d := dsn{name: file + "?" + out.Encode()}
	if out.Get("cache") == "shared" {
		milliseconds, err := strconv.Atoi(out.Get("_busy_timeout"))
		if err != nil {
			return dsn{}, fmt.Errorf("_busy_timeout: %w", err)
		}
		d.sharedFor = time.Duration(max(milliseconds, 1)) * time.Millisecond
	}
	return d, nil
}

// take moves one parameter from what was given to what the driver below gets.
func (p parameter) take(given, out url.Values) error {
	name := p.name
	if p.alias != "" && given.Has(p.alias) {
		name = p.alias
	}
	value := strings.ToLower(given.Get(name))
	given.Del(p.name)
	given.Del(p.alias)
	if value == "" {
		return nil
	}
	if err := p.values.check(name, value); err != nil {
		return err
	}
	switch p.pragma {
	case "":
		out.Set(p.name, value)
	case "ignored":
	default:
		out.Add("_pragma", p.pragma+"("+value+")")
	}
	return nil
}

func (v values) check(name, value string) error {
	if v == nil {
		if _, err := strconv.Atoi(value); err != nil {
			return fmt.Errorf("%s is %q, want a whole number", name, value)
		}
		return nil
	}
	if !slices.Contains(v, value) {
		return fmt.Errorf("%s is %q, want one of %s", name, value, strings.Join(v, ", "))
	}
	return nil
}

// rest deals with what is no parameter of a driver.
func rest(given, out url.Values, uri bool) error {
	names := make([]string, 0, len(given))
	for name := range given {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		switch {
		case slices.Contains(ofOthers(), name):
		case slices.Contains(ofURI(), name) && uri, name == "vfs":
			out[name] = given[name]
		case slices.Contains(ofURI(), name):
			return fmt.Errorf("%s works only in a name that begins with file:, as in file:name?%s=%s",
				name, name, given.Get(name))
		default:
			return fmt.Errorf("%q is no parameter that this driver knows", name)
		}
	}
	return nil
}
