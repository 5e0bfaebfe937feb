package side

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
)

func (o Options) tokens() string {
	if o.Tokens == "" {
		return Opaque
	}
	return o.Tokens
}

func (o Options) processes() int { return max(1, o.Processes) }

func (o Options) onPostgres() bool { return o.Databases != (Databases{}) }

// argon2 are the parameters in Kratos' words, nil for those that the side has by itself.
func (h Hasher) argon2() map[string]any {
	switch h {
	case OWASP:
		return map[string]any{"memory": "19MB", "iterations": 2, "parallelism": 1, "salt_length": 16, "key_length": 32}
	case NoCost:
		// The least that argon2 is defined for: eight blocks of a kilobyte for each lane.
		return map[string]any{"memory": "8KB", "iterations": 1, "parallelism": 1, "salt_length": 16, "key_length": 32}
	default:
		return nil
	}
}

// secrets are made at the first start in a folder and stay there.
type secrets struct{ System, Cookie, Cipher string }

// prepare checks the options, makes the folder and reads or makes its secrets.
func prepare(o Options) (secrets, error) {
	var s secrets
	if (o.Databases.Hydra == "") != (o.Databases.Kratos == "") {
		return s, errors.New("Databases: set both or none")
	}
	if !o.onPostgres() && o.processes() > 1 {
		return s, fmt.Errorf("Processes: %d cannot share SQLite", o.Processes) //nolint:staticcheck // the name of a field
	}
	if t := o.tokens(); t != Opaque && t != JWT {
		return s, fmt.Errorf("Tokens: %q is neither %s nor %s", t, Opaque, JWT) //nolint:staticcheck // the name of a field
	}
	if !filepath.IsAbs(o.Dir) {
		return s, fmt.Errorf("Dir: %q is not absolute", o.Dir) //nolint:staticcheck // the name of a field
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return s, fmt.Errorf("making the folder of a side: %w", err)
	}
	file := filepath.Join(o.Dir, "secrets.json")
	raw, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		s = secrets{System: secret(), Cookie: secret(), Cipher: secret()}
		return s, writeJSON(file, s)
	}
	if err != nil {
		return s, fmt.Errorf("reading the secrets of a side: %w", err)
	}
	if err := json.Unmarshal(raw, &s); err != nil {
		return s, fmt.Errorf("reading %s: %w", file, err)
	}
	return s, nil
}

// secret has 32 bytes, which is what a cipher of Kratos wants to the byte.
func secret() string { return (rand.Text() + rand.Text())[:32] }

// writeJSON writes a configuration: JSON is YAML.
func writeJSON(file string, v any) error {
	raw, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return fmt.Errorf("writing %s: %w", file, err)
	}
	return os.WriteFile(file, raw, 0o600)
}

// readJSON reports whether there was such a file.
func readJSON(file string, into any) bool {
	raw, err := os.ReadFile(file)
	return err == nil && json.Unmarshal(raw, into) == nil
}

// freePorts returns addresses on loopback that were free a moment ago: upstream's programs know no port 0.
func freePorts(ctx context.Context, n int) ([]string, error) {
	addresses := make([]string, n)
	for i := range addresses {
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return nil, fmt.Errorf("looking for a free port: %w", err)
		}
		defer l.Close() // all at once, so that none is given twice
		addresses[i] = l.Addr().String()
	}
	return addresses, nil
}
