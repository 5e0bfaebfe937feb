package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"example.com/identityd/internal/sealing"
	"example.com/identityd/internal/secrets"
)

// secretLength is what Kratos' cipher takes, and enough for everything else.
const secretLength = 32

// oldSecret is the age at which a secret has had its time: what was sealed with it may be in as many old backups.
const oldSecret = 2 * 365 * 24 * time.Hour

// SecretsFile is the file of secrets, whether identityd made it or not.
func (s *Subject) SecretsFile() string {
	if s.Config.Secrets.File != "" {
		return s.Config.Secrets.File
	}
	return filepath.Join(s.Config.DataDir, secrets.FileName)
}

// inForce are the secrets of each kind, with when they were made where the file says so.
func (s *Subject) inForce() (map[string][]secrets.Secret, error) {
	out := map[string][]secrets.Secret{}
	for kind, list := range map[string][]string{
		"system": revealed(s.Config.Secrets.System), "cookie": revealed(s.Config.Secrets.Cookie), "cipher": revealed(s.Config.Secrets.Cipher),
	} {
		for _, v := range list {
			out[kind] = append(out[kind], secrets.Secret{Value: v})
		}
	}
	f, err := secrets.Open(s.SecretsFile())
	if errors.Is(err, fs.ErrNotExist) {
		return out, nil
	}
	if err != nil {
		return out, err
	}
	for _, kind := range secrets.Kinds() {
		if len(out[kind]) == 0 || s.Config.Origins["secrets."+kind] == "secrets.file" {
			out[kind] = f.List(kind)
		}
	}
	return out, nil
}

func revealed[T interface{ Reveal() string }](list []T) []string {
	var out []string
	for _, one := range list {
		out = append(out, one.Reveal())
	}
	return out
}

// secretValues looks at the generated file as internal/config does at the configured ones.
func secretValues() Check {
	return Check{
		Area: Secrets, Name: "values", Tells: "every secret is 32 bytes, and none is there twice", Words: []string{"secrets", "data_dir"},
		Run: func(_ context.Context, s *Subject) []Finding {
			all, err := s.inForce()
			if err != nil {
				return []Finding{Faultf("secrets.file: %v", err).Cured("restore %s from a backup: what it sealed needs it", s.SecretsFile())}
			}
			var out []Finding
			where := map[string]string{}
			for _, kind := range secrets.Kinds() {
				for i, one := range all[kind] {
					key := fmt.Sprintf("secrets.%s[%d]", kind, i)
					if n := len(one.Value); n != secretLength {
						out = append(out, Faultf("%s: must be exactly %d bytes (got %d)", key, secretLength, n).
							Cured("run identityd secrets rotate --kind %s, and take the short one out when nothing needs it", kind))
					}
					if other := where[one.Value]; other != "" {
						out = append(out, Faultf("%s: is the same secret as %s", key, other).
							Cured("run identityd secrets rotate --kind %s, and take this one out when nothing needs it", kind))
					}
					where[one.Value] = key
				}
			}
			return out
		},
	}
}

// secretAges looks at how old the secrets are that seal.
func secretAges() Check {
	return Check{
		Area: Secrets, Name: "age", Tells: "no secret that seals is older than two years", Words: []string{"secrets", "data_dir"},
		Run: func(ctx context.Context, s *Subject) []Finding {
			all, err := s.inForce()
			if err != nil {
				return []Finding{Skippedf("the secrets cannot be read")}
			}
			known := s.firstSeen(ctx)
			var out []Finding
			for _, kind := range secrets.Kinds() {
				if len(all[kind]) == 0 {
					continue
				}
				made := all[kind][0].Made
				if made.IsZero() {
					made = known[[2]string{kind, secrets.Fingerprint(kind, all[kind][0].Value)}].First
				}
				if !made.IsZero() && s.now().Sub(made) > oldSecret {
					out = append(out, Warningf("secrets.%s[0]: seals since %s", kind, made.Format(time.DateOnly)).
						Cured("run identityd secrets rotate --kind %s: nobody is signed out", kind))
				}
			}
			return out
		},
	}
}

// firstSeen is what the database knows of secrets, nothing where it cannot say.
func (s *Subject) firstSeen(ctx context.Context) map[[2]string]sealing.Row {
	if s.wrongAbout([]string{"database"}) != "" {
		return nil
	}
	m := s.Kratos(ctx)
	if m.Err != nil || !m.Tables {
		return nil
	}
	rows, err := sealing.Ledger{DB: m.DB, Dialect: m.DSN.Dialect()}.Rows(ctx)
	if err != nil {
		return nil
	}
	return rows
}
