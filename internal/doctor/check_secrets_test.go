package doctor_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/doctor"
	"example.com/identityd/internal/secrets"
)

const (
	one   = "q0Zt7LrJkP2sVwXyB4nM9cDfGhA1uE6T"
	two   = "W8yHn3RtQz6vKc1JmXp5sLd0BfGa9EuO"
	three = "e5TgYb2UjMi8OkPl3QaWs4DxRf6ChVn7"
)

// written is the subject with a file of secrets in data_dir.
func written(t *testing.T, content string, change func(*config.Config)) (s *doctor.Subject, file string) {
	t.Helper()
	s = subject(t, change)
	if err := os.Chmod(s.Config.DataDir, 0o700); err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(s.Config.DataDir, secrets.FileName)
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return s, file
}

func TestSecretValues(t *testing.T) {
	const check = "secrets/values"
	for _, tt := range []struct {
		name, file string
		level      doctor.Level
		text, cure string
	}{
		{"three of 32 bytes are fine", "system: [" + one + "]\ncookie: [" + two + "]\ncipher: [" + three + "]\n", doctor.OK, "", ""},
		{"a short one is a fault", "system: [short]\n", doctor.Fault, "secrets.system[0]: must be exactly 32 bytes (got 5)", "identityd secrets rotate --kind system"},
		{"one twice in a list is a fault", "cookie: [" + one + ", " + one + "]\n", doctor.Fault, "secrets.cookie[1]: is the same secret as secrets.cookie[0]", "--kind cookie"},
		{"one in two lists is a fault", "system: [" + one + "]\ncipher: [" + one + "]\n", doctor.Fault, "secrets.cipher[0]: is the same secret as secrets.system[0]", "--kind cipher"},
		{"a damaged file is a fault", "just text\n", doctor.Fault, "has not the form of a file of secrets", "from a backup"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, _ := written(t, tt.file, nil)
			want(t, examine(t, s, check, doctor.Options{}), tt.level, tt.text, tt.cure)
		})
	}
}

func TestSecretReuse(t *testing.T) {
	const check = "secrets/reuse"
	s, _ := written(t, "system: ["+one+"]\ncookie: ["+two+"]\ncipher: ["+three+"]\n", func(c *config.Config) {
		c.Clients = []config.Client{{Secret: config.NewSecret("of its own")}}
	})
	fine(t, examine(t, s, check, doctor.Options{}))
	s.Config.Clients[0].Secret = config.NewSecret(two)
	want(t, examine(t, again(s, nil), check, doctor.Options{}), doctor.Fault, "clients[0].secret: is the same secret as secrets.cookie[0]", "openssl rand")
}

func TestSecretAge(t *testing.T) {
	const check = "secrets/age"
	s, _ := written(t, "system:\n  - "+one+" # made 2020-01-02T03:04:05Z\ncookie:\n  - "+two+" # made "+time.Now().UTC().Format(time.RFC3339)+"\n", nil)
	rows := examine(t, s, check, doctor.Options{})
	want(t, rows, doctor.Warning, "secrets.system[0]: seals since 2020-01-02", "identityd secrets rotate --kind system")
	if len(rows) != 1 {
		t.Errorf("got %+v, want nothing of the young one", rows)
	}
	t.Run("where the file does not say, the database does", func(t *testing.T) {
		s, _ := written(t, "system: ["+one+"]\n", nil)
		fine(t, examine(t, again(s, nil), check, doctor.Options{}))
		db := made(t, s)
		must(t, db.kratos, "INSERT INTO identityd_secret (kind, fingerprint, first_ms, sealing_ms) VALUES ('system', $1, $2, $2)",
			secrets.Fingerprint("system", one), ago(3*365*24*time.Hour).UnixMilli())
		want(t, examine(t, again(s, nil), check, doctor.Options{}), doctor.Warning, "secrets.system[0]: seals since", "rotate")
	})
}

func TestSecretFiles(t *testing.T) {
	const check = "secrets/files"
	open := func(t *testing.T, production bool) (*doctor.Subject, string) {
		t.Helper()
		s, file := written(t, "system: ["+one+"]\n", func(c *config.Config) {
			if production {
				c.Profile = config.Production
			}
		})
		// Everybody may pass through the folders of the test, or nobody could read the file.
		for dir := filepath.Dir(file); dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
			if err := os.Chmod(dir, 0o755); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Chmod(file, 0o644); err != nil {
			t.Fatal(err)
		}
		return s, file
	}
	t.Run("one that only its owner reads is fine", func(t *testing.T) {
		s, _ := written(t, "system: ["+one+"]\n", nil)
		fine(t, examine(t, s, check, doctor.Options{}))
	})
	t.Run("generated secrets that everybody reads are a fault in production", func(t *testing.T) {
		s, file := open(t, true)
		want(t, examine(t, s, check, doctor.Options{}), doctor.Fault, "data_dir: "+file+" can be read by everybody on this machine (mode 0644)", "chmod 600 "+file)
	})
	t.Run("and a warning in development, which --fix mends", func(t *testing.T) {
		s, file := open(t, false)
		want(t, examine(t, s, check, doctor.Options{}), doctor.Warning, "mode 0644", "chmod 600")
		rows := examine(t, again(s, nil), check, doctor.Options{Fix: true})
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o640 || !rows[0].Fixed {
			t.Errorf("got %v, %v and %+v, want it closed to everybody else", info.Mode(), err, rows)
		}
		fine(t, examine(t, again(s, nil), check, doctor.Options{}))
	})
	t.Run("what internal/config found is told once, with the file", func(t *testing.T) {
		s, file := written(t, "system: ["+one+"]\n", nil)
		s.Problems = []config.Problem{{Path: "secrets.file", Message: "x", Exposed: file}}
		rows := examine(t, s, check, doctor.Options{})
		want(t, rows, doctor.Fault, "secrets.file: "+file, "chmod 600")
		if words := examine(t, again(s, nil), "configuration/words", doctor.Options{}); words[0].Level != doctor.OK {
			t.Errorf("got %+v as well", words)
		}
	})
}

func TestDataDir(t *testing.T) {
	const check = "secrets/data_dir"
	s, file := written(t, "system: ["+one+"]\n", nil)
	dir := filepath.Dir(file)
	t.Run("one of mode 0700 is fine", func(t *testing.T) { fine(t, examine(t, s, check, doctor.Options{})) })
	t.Run("one that everybody writes to is a fault, which --fix mends", func(t *testing.T) {
		if err := os.Chmod(dir, 0o777); err != nil {
			t.Fatal(err)
		}
		want(t, examine(t, again(s, nil), check, doctor.Options{}), doctor.Fault, "data_dir: "+dir+" can be written by others (mode 0777)", "chmod 700")
		examine(t, again(s, nil), check, doctor.Options{Fix: true})
		fine(t, examine(t, again(s, nil), check, doctor.Options{}))
	})
	t.Run("a file of somebody else is a warning", func(t *testing.T) {
		if os.Geteuid() != 0 {
			t.Skip("SKIP: only root gives files away")
		}
		if err := os.Chown(file, 4242, -1); err != nil {
			t.Fatal(err)
		}
		want(t, examine(t, again(s, nil), check, doctor.Options{}), doctor.Warning, file+" belongs to user 4242", "chown 0")
	})
}
