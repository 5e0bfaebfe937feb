package hydra

import (
	"os"
	"testing"

	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/sqlseam"
)

func TestMain(m *testing.M) {
	sqlseam.Register()
	os.Exit(pgtest.Main(m))
}
