package kratos

import (
	"fmt"
	"os"
	"testing"

	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/sqlseam/standin"
)

func TestMain(m *testing.M) {
	// So that PostgreSQL serves cockroach:// too; of other statements it changes nothing.
	if err := standin.Register(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(pgtest.Main(m))
}
