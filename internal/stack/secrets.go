package stack

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"path/filepath"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/secrets"
)

// resolveKeys takes the secrets of the file and, in development, fills each missing kind from the
// generated file. Production without secrets was refused by config already.
func resolveKeys(ctx context.Context, c config.Config, log *slog.Logger) (keys, error) {
	k := keys{
		system: reveal(c.Secrets.System),
		cookie: reveal(c.Secrets.Cookie),
		cipher: reveal(c.Secrets.Cipher),
	}
	if len(k.system) > 0 && len(k.cookie) > 0 && len(k.cipher) > 0 {
		return k, nil
	}
	made, fresh, err := secrets.Ensure(c.DataDir)
	if err != nil {
		return keys{}, err
	}
	if fresh {
		log.InfoContext(ctx, "secrets made", "path", filepath.Join(c.DataDir, secrets.FileName))
	}
	fill := func(have *[]string, generated []string) {
		if len(*have) == 0 {
			*have = generated
		}
	}
	fill(&k.system, made.System)
	fill(&k.cookie, made.Cookie)
	fill(&k.cipher, made.Cipher)
	return k, nil
}

func reveal(list []config.Secret) []string {
	var out []string
	for _, s := range list {
		out = append(out, s.Reveal())
	}
	return out
}

// derive makes the keys for one purpose of ours (RFC 5869), one of each cookie secret: the first seals, the
// others still open. They are the same on every replica: keys drawn at random would make replicas refuse
// each other's forms.
func (k keys) derive(purpose string) ([][]byte, error) {
	var out [][]byte
	for _, secret := range k.cookie {
		key, err := hkdf.Key(sha256.New, []byte(secret), nil, "identityd "+purpose, 32)
		if err != nil {
			return nil, fmt.Errorf("deriving %s key: %w", purpose, err)
		}
		out = append(out, key)
	}
	return out, nil
}

// ownKeys are those of the pages.
func (s *Stack) ownKeys(k keys, purpose string) ([][]byte, error) {
	list, err := k.derive(purpose)
	if err == nil && s.opts.NewestKeyOnly {
		list = list[:1]
	}
	return list, err
}
