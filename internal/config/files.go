package config

import (
	"os"
	"strings"
)

// readSecretFile reads a file that holds a secret and warns when others may read it too.
func readSecretFile(c *collector, path, file string) (string, bool) {
	data, err := readFile(file)
	if err != nil {
		c.add(path, "reading %s: %v", file, err)
		return "", false
	}
	warnReadable(c, path, file)
	return string(data), true
}

func warnReadable(c *collector, path, file string) {
	info, err := os.Stat(file)
	if err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o044 != 0 {
		c.warn(path, "%s can be read by others (mode %04o); run chmod 600 on it", file, info.Mode().Perm())
	}
}

// resolvePasswords reads database.hydra.password_file and its sibling, and warns when the
// configuration file itself is as good as a secret.
func resolvePasswords(c *collector, cfg *Config) {
	for _, engine := range []struct {
		path string
		user *DatabaseUser
	}{{"database.hydra", &cfg.Database.Hydra}, {"database.kratos", &cfg.Database.Kratos}} {
		u := engine.user
		if u.PasswordFile == "" {
			continue
		}
		path := engine.path + ".password_file"
		u.PasswordFile = absolute(cfg.Dir, u.PasswordFile)
		if !u.Password.Empty() {
			c.add(path, "must not be set beside %s.password; keep one of the two", engine.path)
			continue
		}
		text, ok := readSecretFile(c, path, u.PasswordFile)
		if text = strings.TrimRight(text, "\r\n"); ok && text == "" {
			c.add(path, "reading %s: the file is empty", u.PasswordFile)
		}
		u.Password = NewSecret(text)
	}
}

// warnInline warns when a file that others may read holds secrets itself. It runs on what the file
// says, before other sources are laid over it.
func warnInline(c *collector, source string, file map[string]any) {
	for _, path := range []string{
		"secrets.system", "secrets.cookie", "secrets.cipher", "database.hydra.password", "database.kratos.password",
		"database.hydra.url", "database.kratos.url",
	} {
		if _, ok := lookup(file, path); ok {
			warnReadable(c, path, source)
			return
		}
	}
	if s, ok := lookup(file, "database.url"); ok {
		if text, isText := s.(string); isText && splitDSN(text).hasPassword {
			warnReadable(c, "database.url", source)
		}
	}
}
