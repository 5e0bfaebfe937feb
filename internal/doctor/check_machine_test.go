package doctor_test

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"example.com/identityd/internal/backup"
	"example.com/identityd/internal/doctor"
)

const (
	mib = 1 << 20
	gib = 1 << 30
)

func TestDisk(t *testing.T) {
	const check = "machine/disk"
	for _, tt := range []struct {
		name  string
		space doctor.Space
		level doctor.Level
		text  string
	}{
		{"half of a disk is fine", doctor.Space{Size: 100 * gib, Free: 50 * gib, Inodes: 1000, FreeInodes: 900}, doctor.OK, ""},
		{"a hundredth of a large disk is fine", doctor.Space{Size: 1000 * gib, Free: 10 * gib}, doctor.OK, ""},
		{"a tenth of a small one is a warning", doctor.Space{Size: 10 * gib, Free: 900 * mib}, doctor.Warning, "has 900 MiB of 10240 MiB left"},
		{"nearly nothing is a fault", doctor.Space{Size: 10 * gib, Free: 100 * mib}, doctor.Fault, "has 100 MiB of 10240 MiB left"},
		{"few inodes are a warning", doctor.Space{Size: 100 * gib, Free: 50 * gib, Inodes: 1000, FreeInodes: 40}, doctor.Warning, "has 40 of 1000 inodes left"},
		{"hardly any are a fault", doctor.Space{Size: 100 * gib, Free: 50 * gib, Inodes: 1000, FreeInodes: 4}, doctor.Fault, "has 4 of 1000 inodes left"},
		{"a disk that counts no files is fine", doctor.Space{Size: 100 * gib, Free: 50 * gib}, doctor.OK, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := subject(t, nil)
			asked := ""
			s.Host.Space = func(folder string) (doctor.Space, error) { asked = folder; return tt.space, nil }
			want(t, examine(t, s, check, doctor.Options{}), tt.level, tt.text, "")
			if asked != s.Config.DataDir {
				t.Errorf("got %s asked for, want data_dir", asked)
			}
		})
	}
	t.Run("this machine's can be told", func(t *testing.T) {
		s := subject(t, nil)
		s.Config.DataDir = filepath.Join(s.Config.DataDir, "not", "there", "yet")
		for _, row := range examine(t, s, check, doctor.Options{}) {
			if row.Level == doctor.Skipped {
				t.Errorf("got %+v", row)
			}
		}
	})
	t.Run("one that cannot be told is no fault", func(t *testing.T) {
		s := subject(t, nil)
		s.Host.Space = func(string) (doctor.Space, error) { return doctor.Space{}, errors.ErrUnsupported }
		want(t, examine(t, s, check, doctor.Options{}), doctor.Skipped, "cannot be told", "")
	})
}

func TestMemory(t *testing.T) {
	for _, tt := range []struct {
		name    string
		granted uint64
		hashing doctor.Hashing
		slots   int
		level   doctor.Level
		text    string
	}{
		{"no limit is fine", 0, doctor.Hashing{}, 0, doctor.OK, "no limit is set"},
		{"enough is fine", 512 * mib, doctor.Hashing{Each: 19 * mib, AtOnce: 3}, 0, doctor.OK, "3 hashes at once take 57 of 512 MiB"},
		{"too little to serve is a warning", 64 * mib, doctor.Hashing{Each: mib, AtOnce: 1}, 0, doctor.Warning, "the memory limit is 64 MiB"},
		{"a hash that takes more than a quarter is a fault", 256 * mib, doctor.Hashing{Each: 128 * mib, AtOnce: 1}, 0, doctor.Fault, "kratos.hashers.argon2.memory: one hash takes 128 MiB"},
		{"fewer at once than asked for is a warning", 256 * mib, doctor.Hashing{Each: 40 * mib, AtOnce: 1}, 4, doctor.Warning, "throttle.hashes is 4"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := subject(t, nil)
			s.Config.Throttle.Hashes = tt.slots
			s.Host.Memory = func() uint64 { return tt.granted }
			s.Engines.Hashing = func(context.Context) (doctor.Hashing, error) { return tt.hashing, nil }
			want(t, examine(t, s, "machine/memory", doctor.Options{}), tt.level, tt.text, "")
		})
	}
}

func TestOpenFiles(t *testing.T) {
	for _, tt := range []struct {
		name  string
		limit uint64
		level doctor.Level
		cure  string
	}{
		{"no limit is fine", 0, doctor.OK, ""},
		{"a high limit is fine", 1 << 20, doctor.OK, ""},
		{"one below the connections is a warning", 1024, doctor.Warning, "LimitNOFILE=10168"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := subject(t, nil)
			s.Host.Files = func() uint64 { return tt.limit }
			want(t, examine(t, s, "machine/files", doctor.Options{}), tt.level, "", tt.cure)
		})
	}
	t.Run("that of the running process counts", func(t *testing.T) {
		s := subject(t, nil)
		s.Process = &doctor.Process{Runtime: doctor.Runtime{Files: 512}}
		want(t, examine(t, s, "machine/files", doctor.Options{}), doctor.Warning, "this process may have 512 files open", "--ulimit nofile")
	})
}

func TestBackups(t *testing.T) {
	s := subject(t, nil)
	const check = "machine/backup"
	want(t, examine(t, s, check, doctor.Options{}), doctor.OK, "of others nobody knows", "")
	if err := backup.Note(s.Config.DataDir, backup.Latest{MadeAt: ago(time.Hour), Path: "a"}); err != nil {
		t.Fatal(err)
	}
	want(t, examine(t, again(s, nil), check, doctor.Options{}), doctor.OK, "the last backup is of", "")
	want(t, examine(t, again(s, off(8*24*time.Hour)), check, doctor.Options{}), doctor.Warning, "the last backup is of", "identityd backup")
}

func TestProcess(t *testing.T) {
	s := subject(t, nil)
	running := func(p doctor.Process) *doctor.Subject {
		return again(s, func(s *doctor.Subject) { s.Process = &p })
	}
	t.Run("none is fine", func(t *testing.T) { fine(t, examine(t, again(s, nil), "process/ready", doctor.Options{})) })
	t.Run("one that is ready, of this version, is fine", func(t *testing.T) {
		p := doctor.Process{PID: 7, Ready: true, Version: "test"}
		fine(t, examine(t, running(p), "process/ready", doctor.Options{}))
		fine(t, examine(t, running(p), "process/in force", doctor.Options{}))
	})
	t.Run("one that is not ready is a fault, with its reason", func(t *testing.T) {
		p := doctor.Process{PID: 7, Missing: map[string]string{"hydra_database": "the database cannot be reached"}}
		want(t, examine(t, running(p), "process/ready", doctor.Options{}), doctor.Fault, "process 7 is not ready: hydra_database: the database cannot be reached", "its log")
	})
	t.Run("one that does not answer is a fault", func(t *testing.T) {
		mute := again(s, func(s *doctor.Subject) { s.Unasked = context.DeadlineExceeded })
		want(t, examine(t, mute, "process/ready", doctor.Options{}), doctor.Fault, "does not answer", "restart identityd")
	})
	t.Run("another version, another file and words that wait are warnings", func(t *testing.T) {
		here := running(doctor.Process{PID: 7, Version: "0.9", Source: "/other.yaml", Reload: &doctor.Reloaded{Error: "listen.ui: is wrong"}, Runtime: doctor.Runtime{Waiting: []string{"listen.ui", "database.url"}}})
		here.Config.Source = "/stack.yaml"
		rows := examine(t, here, "process/in force", doctor.Options{})
		want(t, rows, doctor.Warning, "process 7 is identityd 0.9, and this is test", "restart it")
		want(t, rows, doctor.Warning, "could not use the file as it was", "correct it")
		want(t, rows, doctor.Warning, "started with /other.yaml, and this is about /stack.yaml", "--config")
		want(t, rows, doctor.Warning, "listen.ui, database.url: changed in the file", "restart process 7")
	})
	t.Run("a socket that was left over is a warning, which --fix mends", func(t *testing.T) {
		path := filepath.Join(s.Config.DataDir, "control.sock")
		if len(path) > 100 {
			t.Skip("SKIP: the folder of tests is too long for a socket")
		}
		ln, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
		if err != nil {
			t.Fatal(err)
		}
		ln.SetUnlinkOnClose(false)
		if err := ln.Close(); err != nil {
			t.Fatal(err)
		}
		want(t, examine(t, again(s, nil), "process/socket", doctor.Options{}), doctor.Warning, "control.sock is left over", "rm "+path)
		if rows := examine(t, again(s, nil), "process/socket", doctor.Options{Fix: true}); !rows[0].Fixed {
			t.Errorf("got %+v", rows)
		}
		if _, err := os.Lstat(path); !os.IsNotExist(err) {
			t.Errorf("got %v, want it gone", err)
		}
		fine(t, examine(t, again(s, nil), "process/socket", doctor.Options{}))
	})
}
