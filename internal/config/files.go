package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
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

// warnReadable judges the mode of a file that holds a secret. What everybody on the machine can read, or
// write, is refused in production, unless it is mounted read-only: there Kubernetes and Docker have set the
// mode, others in the container are nobody, and nobody can change it from within.
func warnReadable(c *collector, path, file string) {
	info, err := os.Stat(file)
	if err != nil || !info.Mode().IsRegular() {
		return
	}
	mode := info.Mode().Perm()
	switch {
	case mode&0o044 != 0 && mountedReadOnly(file):
		if mode&0o004 != 0 {
			c.warn(path, "%s is mounted with mode %04o; give it mode 0440 and the group of identityd where it is mounted "+
				"(Kubernetes: defaultMode and fsGroup, Docker: mode and gid)", file, mode)
		}
	case c.profile == Production && !c.anyMode && Exposed(file):
		c.add(path, "%s can be read or written by everybody on this machine (mode %04o); run chmod 600 on it, "+
			"or chmod 640 and chgrp where identityd reads it through a group", file, mode)
		expose(c.problems, path, file)
	case mode&0o044 != 0:
		c.warn(path, "%s can be read by others (mode %04o); run chmod 600 on it", file, mode)
		expose(c.warnings, path, file)
	}
}

// expose says of the problem that was just added, if it was, which file others can read.
func expose(list []Problem, path, file string) {
	if n := len(list); n > 0 && list[n-1].Path == path {
		list[n-1].Exposed = file
	}
}

// Exposed reports whether everybody on the machine can read or write a file: by its own mode, and by those of
// the folders on the way to it.
func Exposed(file string) bool {
	file, err := filepath.EvalSymlinks(file)
	if err == nil {
		file, err = filepath.Abs(file)
	}
	if err != nil {
		return false
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm()&0o006 == 0 {
		return false
	}
	for dir := filepath.Dir(file); ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err != nil || info.Mode().Perm()&0o001 == 0 {
			return false
		}
		if dir == filepath.Dir(dir) {
			return true
		}
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
