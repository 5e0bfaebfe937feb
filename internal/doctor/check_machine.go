package doctor

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"example.com/identityd/internal/store"
)

// disk looks at the room that data_dir, and SQLite's folder, have left.
func disk() Check {
	return Check{
		Area: Machine, Name: "disk", Tells: "the disk of data_dir has room", Words: []string{"data_dir", "database"},
		Run: func(_ context.Context, s *Subject) []Finding {
			type place struct{ word, folder string }
			places := []place{{"data_dir", s.Config.DataDir}}
			if hydra, kratos, err := store.Resolve(s.Settings); err == nil {
				for _, dsn := range []store.DSN{hydra, kratos} {
					if dsn.Dialect() == store.SQLite && !dsn.Memory() {
						places = append(places, place{"database.url", filepath.Dir(dsn.File())})
					}
				}
			}
			var out []Finding
			seen := map[string]bool{}
			for _, p := range places {
				folder := existing(p.folder)
				if seen[folder] {
					continue
				}
				seen[folder] = true
				room, err := s.space(folder)
				if err != nil {
					out = append(out, Skippedf("the room of %s cannot be told", folder))
					continue
				}
				out = append(out, judgeSpace(p.word, folder, room)...)
			}
			return out
		},
	}
}

// existing is the folder, or the nearest one above it that is there.
func existing(folder string) string {
	for {
		if _, err := os.Stat(folder); err == nil || folder == filepath.Dir(folder) {
			return folder
		}
		folder = filepath.Dir(folder)
	}
}

const (
	mib = 1 << 20
	gib = 1 << 30
)

// judgeSpace: a tenth of a small disk is little, and a hundredth of a large one is much.
func judgeSpace(word, folder string, room Space) []Finding {
	const cure = "make room, or move %s to a larger disk; identityd janitor run removes what nobody needs"
	var out []Finding
	text := fmt.Sprintf("%s: the disk of %s has %d MiB of %d MiB left", word, folder, room.Free/mib, room.Size/mib)
	switch {
	case room.Size == 0: // a file system without a size
	case room.Free < min(room.Size/50, gib/2):
		out = append(out, Faultf("%s", text).Cured(cure, word))
	case room.Free < min(room.Size/10, 2*gib):
		out = append(out, Warningf("%s", text).Cured(cure, word))
	}
	if room.Inodes == 0 {
		return out // not counted there
	}
	files := fmt.Sprintf("%s: the disk of %s has %d of %d inodes left", word, folder, room.FreeInodes, room.Inodes)
	switch {
	case room.FreeInodes < room.Inodes/100:
		out = append(out, Faultf("%s", files).Cured("remove files that nobody needs from this disk"))
	case room.FreeInodes < room.Inodes/20:
		out = append(out, Warningf("%s", files).Cured("remove files that nobody needs from this disk"))
	}
	return out
}

// leastMemory is what serving takes beside the hashes.
const leastMemory = 192 * mib

// memory compares what passwords take with what there is.
func memory() Check {
	return Check{
		Area: Machine, Name: "memory", Tells: "the memory of the container is enough for hashing passwords", Words: []string{"throttle", "kratos"},
		Run: func(ctx context.Context, s *Subject) []Finding {
			granted := s.memory()
			if granted == 0 || s.Engines.Hashing == nil {
				return []Finding{Okf("no limit is set")}
			}
			h, err := s.Engines.Hashing(ctx)
			if err != nil {
				return []Finding{Skippedf("the settings of hashes cannot be read")}
			}
			need := h.Each * uint64(max(h.AtOnce, 1))
			key := "kratos.hashers.argon2.memory"
			switch {
			case granted < leastMemory:
				return []Finding{Warningf("the memory limit is %d MiB", granted/mib).Cured("grant at least 256 MiB")}
			case h.Each > granted/4:
				return []Finding{Faultf("%s: one hash takes %d MiB, and the memory limit is %d MiB", key, h.Each/mib, granted/mib).
					Cured("lower %s, or grant four times as much as one hash takes", key)}
			case h.AtOnce == 1 && s.Config.Throttle.Hashes > 1:
				return []Finding{Warningf("throttle.hashes is %d, and the memory limit of %d MiB allows one at once", s.Config.Throttle.Hashes, granted/mib).
					Cured("grant more memory, or lower throttle.hashes")}
			}
			return []Finding{Okf("%d hashes at once take %d of %d MiB", h.AtOnce, need/mib, granted/mib)}
		},
	}
}

// spareFiles is what a process has open beside connections.
const spareFiles = 128

// openFiles compares the limit of open files with the connections that are let in.
func openFiles() Check {
	return Check{
		Area: Machine, Name: "files", Tells: "the limit of open files is above the connections that are let in", Words: []string{"limits", "database.pool"},
		Run: func(_ context.Context, s *Subject) []Finding {
			limit, most := s.files(), s.Config.Limits.Connections
			if limit == 0 || most == 0 {
				return nil
			}
			need := uint64(max(most+2*s.Config.Database.Pool.MaxOpen+spareFiles, 0))
			if limit < need {
				return []Finding{Warningf("limits.connections is %d, and this process may have %d files open", most, limit).
					Cured("raise the limit (systemd: LimitNOFILE=%d, Docker: --ulimit nofile=%d), or lower limits.connections to %d", need, need, max(int(limit)-2*s.Config.Database.Pool.MaxOpen-spareFiles, 10))}
			}
			return nil
		},
	}
}
