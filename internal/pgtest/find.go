package pgtest

import (
	"os/exec"
	"path/filepath"
	"slices"
)

// missingError is a machine without PostgreSQL.
type missingError struct{ reason string }

// Error implements error.
func (e *missingError) Error() string { return "no PostgreSQL for the test: " + e.reason }

// programs are the two programs of one installation: a server refuses a folder that another major
// version made.
type programs struct{ initdb, postgres string }

// find looks in the PATH and then where Debian and Ubuntu hide the server's programs.
func find() (programs, error) {
	var folders []string
	if path, err := exec.LookPath("initdb"); err == nil {
		folders = append(folders, filepath.Dir(path))
	}
	packaged, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		return programs{}, &missingError{reason: err.Error()}
	}
	slices.Reverse(packaged)
	for _, folder := range append(folders, packaged...) {
		initdb, err := exec.LookPath(filepath.Join(folder, "initdb"))
		if err != nil {
			continue
		}
		postgres, err := exec.LookPath(filepath.Join(folder, "postgres"))
		if err != nil {
			continue
		}
		return programs{initdb: initdb, postgres: postgres}, nil
	}
	return programs{}, &missingError{reason: "initdb and postgres are neither in the PATH nor in " +
		"/usr/lib/postgresql/*/bin (on Debian and Ubuntu: apt-get install postgresql)"}
}
