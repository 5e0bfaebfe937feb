package doctor

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// socketFile is the control socket in data_dir (internal/control).
const socketFile = "control.sock"

// processReady asks the identityd that runs from data_dir how it is.
func processReady() Check {
	return Check{
		Area: Running, Name: "ready", Tells: "the identityd that runs from data_dir is ready", Words: []string{"data_dir"},
		Run: func(_ context.Context, s *Subject) []Finding {
			switch {
			case s.Unasked != nil:
				return []Finding{Faultf("data_dir: the identityd that runs from %s does not answer: %v", s.Config.DataDir, s.Unasked).
					Cured("run identityd doctor as the user that identityd runs as; if that hangs too, restart identityd")}
			case s.Process == nil:
				return []Finding{Okf("none runs from %s", s.Config.DataDir)}
			case s.Process.Ready:
				return []Finding{Okf("process %d is ready", s.Process.PID)}
			}
			var out []Finding
			for _, part := range slices.Sorted(maps.Keys(s.Process.Missing)) {
				out = append(out, Faultf("process %d is not ready: %s: %s", s.Process.PID, part, s.Process.Missing[part]).
					Cured("see the faults below, and its log"))
			}
			return out
		},
	}
}

// processSame compares what runs with what is here.
func processSame() Check {
	return Check{
		Area: Running, Name: "in force", Tells: "what runs is this version, with all that the file says", Needs: NeedsProcess,
		Run: func(_ context.Context, s *Subject) []Finding {
			var out []Finding
			p := s.Process
			if p.Version != s.Version {
				out = append(out, Warningf("process %d is identityd %s, and this is %s", p.PID, p.Version, s.Version).Cured("restart it"))
			}
			if s.Config.Source != "" && p.Source != s.Config.Source {
				out = append(out, Warningf("process %d was started with %s, and this is about %s", p.PID, orNone(p.Source), s.Config.Source).
					Cured("name its file with --config"))
			}
			if r := p.Reload; r != nil && r.Error != "" {
				out = append(out, Warningf("process %d could not use the file as it was at %s: %s", p.PID, r.At.UTC().Format(time.RFC3339), r.Error).
					Cured("correct it: until then what was in force before stays in force"))
			}
			if w := p.Runtime.Waiting; len(w) > 0 {
				out = append(out, Warningf("%s: changed in the file, and in force after a restart only", strings.Join(w, ", ")).
					Cured("restart process %d", p.PID))
			}
			return out
		},
	}
}

func orNone(file string) string {
	if file == "" {
		return "no file"
	}
	return file
}

// leftSocket looks for a control socket that nobody answers at.
func leftSocket() Check {
	return Check{
		Area: Running, Name: "socket", Tells: "no control socket is left over", Words: []string{"data_dir"},
		Run: func(_ context.Context, s *Subject) []Finding {
			path := filepath.Join(s.Config.DataDir, socketFile)
			info, err := os.Lstat(path)
			if err != nil || s.Process != nil || s.Unasked != nil {
				return nil
			}
			if info.Mode()&os.ModeSocket == 0 {
				return []Finding{Faultf("data_dir: %s is no socket, and identityd needs the name", path).Cured("move it away")}
			}
			return []Finding{Warningf("data_dir: %s is left over from a process that was killed", path).
				Fixed("rm "+path, func() error { return os.Remove(path) })}
		},
	}
}
