package doctor

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/secrets"
	"example.com/identityd/internal/store"
)

// secretFiles looks at who may read what is secret: the files that words name, as internal/config found
// them, and those that identityd made.
func secretFiles() Check {
	return Check{
		Area: Secrets, Name: "files", Tells: "no file that holds a secret can be read by others",
		Run: func(_ context.Context, s *Subject) []Finding { return s.exposedFiles() },
	}
}

func (s *Subject) exposedFiles() []Finding {
	var out []Finding
	seen := map[string]bool{}
	add := func(level Level, word, file, what string) {
		info, err := os.Stat(file)
		if err != nil || seen[file] {
			return
		}
		seen[file] = true
		mode := info.Mode().Perm()
		f := Finding{Level: level, Text: fmt.Sprintf("%s: %s%s can be read by %s (mode %04o)", word, what, file, readers(mode), mode)}
		out = append(out, s.closed(f, file, info))
	}
	for _, p := range s.Problems {
		if p.Exposed != "" {
			add(Fault, p.Path, p.Exposed, "")
		}
	}
	for _, p := range s.Config.Warnings {
		if p.Exposed != "" {
			add(Warning, p.Path, p.Exposed, "")
		}
	}
	level := Warning
	if s.Config.Profile == config.Production {
		level = Fault
	}
	for _, file := range s.ownFiles() {
		if config.Exposed(file) {
			add(level, "data_dir", file, "")
		}
	}
	return out
}

// closed adds how to close a file. It is safe where its owner is who serves: for everybody else the mode may be
// the way in.
func (s *Subject) closed(f Finding, file string, info fs.FileInfo) Finding {
	mode := info.Mode().Perm()
	owner, known := ownerOf(info)
	f = f.Cured("run chmod 600 %s, or chmod 640 and chgrp where identityd reads it through a group", file)
	if !known || owner != s.servingUser() || mode&0o007 == 0 {
		return f
	}
	return f.Fixed(fmt.Sprintf("chmod o-rwx %s", file), func() error { return os.Chmod(file, mode&^0o007) })
}

func readers(mode fs.FileMode) string {
	if mode&0o004 != 0 {
		return "everybody on this machine"
	}
	return "others"
}

// ownFiles are those that identityd makes and that hold secrets.
func (s *Subject) ownFiles() []string {
	if s.Config.DataDir == "" {
		return nil
	}
	files := []string{filepath.Join(s.Config.DataDir, secrets.FileName)}
	if hydra, kratos, err := store.Resolve(s.Settings); err == nil {
		for _, dsn := range []store.DSN{hydra, kratos} {
			if dsn.Dialect() == store.SQLite && !dsn.Memory() {
				// The log of writes holds what the database will.
				files = append(files, dsn.File(), dsn.File()+"-wal")
			}
		}
	}
	return files
}

// dataDir looks at the folder of data: who may read and write it, and whose it is.
func (s *Subject) dataDirFindings() []Finding {
	dir := s.Config.DataDir
	info, err := os.Stat(dir)
	if err != nil {
		return nil // nothing was made yet
	}
	var out []Finding
	if mode := info.Mode().Perm(); mode&0o022 != 0 {
		f := Faultf("data_dir: %s can be written by others (mode %04o), who could put files of theirs there", dir, mode).Cured("run chmod 700 %s", dir)
		if owner, known := ownerOf(info); known && owner == s.servingUser() {
			f = f.Fixed("chmod go-w "+dir, func() error { return os.Chmod(dir, mode&^0o022) })
		}
		out = append(out, f)
	}
	owner, known := ownerOf(info)
	for _, file := range s.ownFiles() {
		of, err := os.Stat(file)
		if err != nil || !known {
			continue
		}
		if theirs, ok := ownerOf(of); ok && theirs != owner {
			out = append(out, Warningf("data_dir: %s belongs to user %d, its folder to user %d", file, theirs, owner).
				Cured("run chown %d %s", owner, file))
		}
	}
	return out
}

// servingUser is who identityd runs as, as far as can be told: whose data_dir is, or who asks.
func (s *Subject) servingUser() int {
	if info, err := os.Stat(s.Config.DataDir); err == nil {
		if owner, known := ownerOf(info); known {
			return owner
		}
	}
	return os.Geteuid()
}

// folderModes looks at data_dir itself.
func folderModes() Check {
	return Check{
		Area: Secrets, Name: "data_dir", Tells: "only the user of identityd writes to data_dir, and all in it is that user's", Words: []string{"data_dir"},
		Run: func(_ context.Context, s *Subject) []Finding { return s.dataDirFindings() },
	}
}

// copiedSecrets looks for one file that serves two purposes: whoever is given one has the other.
func copiedSecrets() Check {
	return Check{
		Area: Secrets, Name: "reuse", Tells: "passwords and tokens are not those of something else", Words: []string{"secrets", "database", "admin"},
		Run: func(_ context.Context, s *Subject) []Finding {
			all, err := s.inForce()
			if err != nil {
				return []Finding{Skippedf("the secrets cannot be read")}
			}
			where := map[string]string{}
			for _, kind := range secrets.Kinds() {
				for i, one := range all[kind] {
					where[one.Value] = fmt.Sprintf("secrets.%s[%d]", kind, i)
				}
			}
			var out []Finding
			for _, used := range s.otherSecrets() {
				if key := where[used.value]; key != "" {
					out = append(out, Faultf("%s: is the same secret as %s", used.word, key).
						Cured("make another one (openssl rand -base64 24) for %s", used.word))
				}
			}
			return out
		},
	}
}

type usedSecret struct{ word, value string }

func (s *Subject) otherSecrets() []usedSecret {
	c := s.Config
	list := []usedSecret{
		{"database.hydra.password", c.Database.Hydra.Password.Reveal()}, {"database.kratos.password", c.Database.Kratos.Password.Reveal()},
	}
	for i, client := range c.Clients {
		list = append(list, usedSecret{fmt.Sprintf("clients[%d].secret", i), client.Secret.Reveal()})
	}
	for i, p := range c.Login.Providers {
		list = append(list, usedSecret{fmt.Sprintf("login.providers[%d].client_secret", i), p.ClientSecret.Reveal()})
	}
	return slices.DeleteFunc(list, func(u usedSecret) bool { return u.value == "" })
}
