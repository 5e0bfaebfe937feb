package config

import (
	"errors"
	"fmt"
	"io/fs"
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

func missing(file string) bool {
	_, err := os.Stat(file)
	return errors.Is(err, fs.ErrNotExist)
}

func warnReadable(c *collector, path, file string) {
	info, err := os.Stat(file)
	if err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o044 != 0 {
		c.warn(path, "%s can be read by others (mode %04o); run chmod 600 on it", file, info.Mode().Perm())
	}
}

// secretInFile is a secret that may be written in the configuration or in a file of its own.
type secretInFile struct {
	path   string
	file   *string
	inline func() bool
	set    func(string)
	// cure says what to write instead of an empty file.
	cure string
}

// resolve reads the file. What it holds wins nowhere: two sources are refused.
func (s secretInFile) resolve(c *collector, cfg *Config) {
	if *s.file == "" {
		return
	}
	path := s.path + "_file"
	*s.file = absolute(cfg.Dir, *s.file)
	if s.inline() {
		c.add(path, "must not be set beside %s; keep one of the two", s.path)
		return
	}
	if c.onlyDatabase && missing(*s.file) {
		return
	}
	text, ok := readSecretFile(c, path, *s.file)
	if text = strings.TrimRight(text, "\r\n"); ok && text == "" {
		c.add(path, "reading %s: the file is empty%s", *s.file, s.cure)
	}
	if text != "" {
		s.set(text)
		cfg.Origins[s.path] = path
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
		secretInFile{
			path: engine.path + ".password", file: &u.PasswordFile,
			inline: func() bool { return !u.Password.Empty() },
			set:    func(s string) { u.Password = NewSecret(s) },
		}.resolve(c, cfg)
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
	for _, path := range []string{"database.url", "mail.smtp_url"} {
		s, _ := lookup(file, path)
		if text, isText := s.(string); isText && splitDSN(text).hasPassword {
			warnReadable(c, path, source)
			return
		}
	}
	list, _ := lookup(file, "clients")
	clients, _ := list.([]any)
	for i, one := range clients {
		if client, ok := one.(map[string]any); ok && client["secret"] != nil {
			warnReadable(c, fmt.Sprintf("clients[%d].secret", i), source)
			return
		}
	}
	list, _ = lookup(file, "login.providers")
	providers, _ := list.([]any)
	for i, one := range providers {
		if provider, ok := one.(map[string]any); ok && provider["client_secret"] != nil {
			warnReadable(c, fmt.Sprintf("login.providers[%d].client_secret", i), source)
			return
		}
	}
}
