package stack

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/identityd/internal/config"
)

func TestDatabasesThatEverybodyReadsAreRefusedInProduction(t *testing.T) {
	dir := t.TempDir()
	if err := errors.Join(os.Chmod(filepath.Dir(dir), 0o755), os.Chmod(dir, 0o755)); err != nil { //nolint:gosec // others are to come in
		t.Fatal(err)
	}
	file := filepath.Join(dir, "kratos.sqlite")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(config.Options{Dir: dir, Set: map[string]string{"data_dir": dir}})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		profile config.Profile
		mode    os.FileMode
		want    string
		warned  bool
	}{
		{config.Production, 0o600, "", false},
		{config.Production, 0o640, "", false},
		{config.Production, 0o644, "everybody on this machine can read or write " + file, false},
		{config.Development, 0o644, "", true},
	} {
		if err := os.Chmod(file, tt.mode); err != nil {
			t.Fatal(err)
		}
		var out strings.Builder
		cfg.Profile = tt.profile
		err := (&Stack{cfg: cfg, log: slog.New(slog.NewTextHandler(&out, nil))}).checkModes(t.Context())
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.HasPrefix(err.Error(), tt.want)) {
			t.Errorf("%s, %04o: got %v, want %q", tt.profile, tt.mode, err, tt.want)
		}
		if got := strings.Contains(out.String(), "WARN"); got != tt.warned {
			t.Errorf("%s, %04o: warned %t, want %t", tt.profile, tt.mode, got, tt.warned)
		}
	}
}
