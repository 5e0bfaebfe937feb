package store

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Server is what a database server says it is.
type Server struct {
	// Dialect is the kind of server, whatever the URL says; empty for one that is neither.
	Dialect Dialect
	// Product is the name that people know it by.
	Product string
	Version Version
}

// String returns product and version.
func (s Server) String() string { return strings.TrimSpace(s.Product + " " + s.Version.String()) }

// Version is a release of a server. CockroachDB numbers by year and release; PostgreSQL has no patch.
type Version struct {
	Major, Minor, Patch int
	// Pre is what follows a version that is not a release, such as beta1.
	Pre string
}

// String returns the version as its maker writes it.
func (v Version) String() string {
	switch {
	case v == Version{}:
		return ""
	case v.Patch < 0: // PostgreSQL
		return strconv.Itoa(v.Major) + minor(v.Minor) + v.Pre
	}
	return fmt.Sprintf("v%d.%d.%d%s", v.Major, v.Minor, v.Patch, v.Pre)
}

func minor(n int) string {
	if n < 0 {
		return ""
	}
	return "." + strconv.Itoa(n)
}

// Before reports whether v is of an older series than major.minor. A prerelease counts as its release:
// what was changed for it is in there already.
func (v Version) Before(major, minor int) bool {
	return v.Major < major || v.Major == major && v.Minor < minor
}

// versionStatement is asked exactly so: the stand-in for CockroachDB answers this text (internal/sqlseam/standin).
const versionStatement = "SELECT version()"

// noPart stands for a number that a version does not have.
const noPart = -1

var (
	cockroachVersion = regexp.MustCompile(`^CockroachDB (?:[A-Za-z]+ )?v(\d+)\.(\d+)(?:\.(\d+))?([-+][0-9A-Za-z.+-]+)?`)
	postgresVersion  = regexp.MustCompile(`^(PostgreSQL|EnterpriseDB) (\d+)(?:\.(\d+))?(?:\.\d+)*((?:alpha|beta|rc|devel)\d*)?`)
)

// fork returns the product that answers as PostgreSQL and is not, by what else its answer says.
func fork(answer string) string {
	for _, f := range []struct{ mark, product string }{
		{"-YB-", "YugabyteDB"},
		{"Redshift", "Amazon Redshift"},
		{"openGauss", "openGauss"},
		{"GaussDB", "GaussDB"},
		{"Greenplum", "Greenplum"},
		{"Materialize", "Materialize"},
		{"QuestDB", "QuestDB"},
		{"CrateDB", "CrateDB"},
	} {
		if strings.Contains(answer, f.mark) {
			return f.product
		}
	}
	return ""
}

// ParseServer reads the answer to SELECT version(). What it does not know is a Server without a dialect.
func ParseServer(answer string) Server {
	if m := cockroachVersion.FindStringSubmatch(answer); m != nil {
		return Server{
			Dialect: Cockroach, Product: "CockroachDB",
			Version: Version{Major: number(m[1]), Minor: number(m[2]), Patch: max(number(m[3]), 0), Pre: m[4]},
		}
	}
	m := postgresVersion.FindStringSubmatch(answer)
	if m == nil {
		first, _, _ := strings.Cut(answer, " ")
		return Server{Product: printable(first)}
	}
	s := Server{
		Dialect: Postgres, Product: m[1],
		Version: Version{Major: number(m[2]), Minor: number(m[3]), Patch: noPart, Pre: m[4]},
	}
	if product := fork(answer); product != "" {
		s.Dialect, s.Product = "", product
	}
	return s
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return noPart
	}
	return n
}

// printable bounds what an unknown server may put into a message.
func printable(s string) string {
	const most = 40
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, s)
	return s[:min(len(s), most)]
}

// MismatchError is a URL whose scheme is of another kind than the server. The engines choose by the
// scheme how they treat transactions: on CockroachDB they have to be retried, which they are only under
// its own scheme, and under that one the error of a commit on PostgreSQL would be lost.
type MismatchError struct {
	DSN    DSN
	Server Server
}

// Want returns the scheme to write.
func (e *MismatchError) Want() string { return string(e.Server.Dialect) + "://" }

// Error implements error. It shows no password.
func (e *MismatchError) Error() string {
	if e.Server.Dialect == "" {
		return fmt.Sprintf("%s is %s, which does not understand cockroach://; it needs CockroachDB", e.DSN, e.Server)
	}
	return fmt.Sprintf("%s is %s; the URL has to begin with %s", e.DSN, e.Server, e.Want())
}

// check refuses a server that the scheme of the URL does not fit. One that is neither may serve postgres://,
// with a warning: there are more forks than anybody can list.
func (s Server) check(d DSN) error {
	if s.Dialect == d.dialect || s.Dialect == "" && d.dialect == Postgres {
		return nil
	}
	return &MismatchError{DSN: d, Server: s}
}

// IsMismatch returns the mismatch that err is, or nil.
func IsMismatch(err error) *MismatchError {
	var m *MismatchError
	if errors.As(err, &m) {
		return m
	}
	return nil
}
