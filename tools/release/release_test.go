package main

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func facts() settings {
	return settings{version: "1.4.0", commit: "c0ffee", date: "2026-11-27T18:00:01Z", made: time.Date(2026, 11, 27, 18, 0, 1, 0, time.UTC), platforms: []string{"linux/amd64"}}
}

func TestTheSameEntriesMakeTheSameBytes(t *testing.T) {
	one := []entry{{name: "b", mode: 0o755, body: []byte("b")}, {name: "a/", mode: 0o700, uid: nobody}, {name: strings.Repeat("long/", 40) + "c", mode: 0o644}}
	other := slices.Clone(one)
	slices.Reverse(other)
	elsewhere := facts().made.In(time.FixedZone("far", 5*3600))
	for name, pack := range map[string]func([]entry, time.Time) ([]byte, error){"tar": tarball, "zip": zipped} {
		first, err := pack(one, facts().made)
		if err != nil {
			t.Fatal(err)
		}
		second, err := pack(other, elsewhere)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(first, second) {
			t.Errorf("%s: another order or time zone makes other bytes", name)
		}
	}
}

func TestAnImageIsWhatTheDockerfileSays(t *testing.T) {
	t.Chdir("../..")
	img, err := newImage(facts(), "linux/arm64", []byte("the program"))
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Architecture, OS string
		Config           imageConfig
	}
	if err := json.Unmarshal(img.config.body, &got); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile("Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	c := got.Config
	for _, want := range []string{
		"\nUSER " + c.User + "\n", "\nWORKDIR " + c.WorkingDir + "\n", "\nENV " + strings.Join(c.Env, " ") + "\n",
		"\nSTOPSIGNAL " + c.StopSignal + "\n", `ENTRYPOINT ["` + strings.Join(c.Entrypoint, `", "`) + `"]`, `CMD ["` + strings.Join(c.Cmd, `", "`) + `"]`,
		"--interval=" + strings.TrimSuffix(c.Healthcheck.Interval.String(), "m0s") + " ",
	} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("the image has %q, which the Dockerfile does not say", want)
		}
	}
	if got.Architecture != "arm64" || got.OS != "linux" || c.Labels["org.opencontainers.image.version"] != "1.4.0" || c.Labels["org.opencontainers.image.revision"] != "c0ffee" {
		t.Errorf("got %s/%s with labels %v", got.OS, got.Architecture, c.Labels)
	}
	if _, ok := c.Volumes["/data"]; !ok || len(c.ExposedPorts) != 3 || slices.Compare(c.Healthcheck.Test, []string{"CMD", "/identityd", "health"}) != 0 {
		t.Errorf("got volumes %v, ports %v, health %v", c.Volumes, c.ExposedPorts, c.Healthcheck.Test)
	}
}

func TestAnInstructionThatIsUnknownIsRefused(t *testing.T) {
	for name, c := range map[string]struct{ stage, want string }{
		"an instruction":             {"ONBUILD RUN x\n", "has no ONBUILD"},
		"an option of a healthcheck": {"HEALTHCHECK --retries=3s CMD [\"x\"]\n", "has no --retries"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "Dockerfile")
			if err := os.WriteFile(file, []byte("FROM x AS build\nFROM scratch\n"+c.stage), 0o600); err != nil {
				t.Fatal(err)
			}
			if _, _, err := dockerfile(file, nil); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestWhatIsNoReleaseIsRefusedBeforeItIsBuilt(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, args := range [][]string{
		{"init", "-q"},
		{"-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "--allow-empty", "-m", "one"},
		{"tag", "v1.3.0"},
		{"-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "--allow-empty", "-m", "two"},
	} {
		if out, err := exec.CommandContext(t.Context(), "git", args...).CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	head, err := output(t.Context(), "git", "rev-parse", "HEAD")
	if err != nil {
		t.Fatal(err)
	}
	good := facts()
	good.commit, good.folder = strings.TrimSpace(head), "dist"
	if err := good.check(t.Context()); err != nil {
		t.Fatalf("a good release is refused: %v", err)
	}
	if err := os.MkdirAll("full", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("full/letter", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	dirty := "there are changes: full/letter is in no commit"
	for name, c := range map[string]struct {
		change func(*settings)
		want   string
	}{
		"no version":                    {func(s *settings) { s.version = "aa74655" }, "VERSION=1.4.0"},
		"another commit":                {func(s *settings) { s.commit = "c0ffee" }, "leave COMMIT out"},
		"a platform of nobody":          {func(s *settings) { s.platforms = []string{"plan9/amd64"} }, "not made for plan9/amd64"},
		"the tag of another commit":     {func(s *settings) { s.version = "1.3.0" }, "take another VERSION"},
		dirty:                           {func(*settings) {}, "VERSION=1.4.0-dirty"},
		"changes that are not owned up": {func(s *settings) { s.dirty = true }, "has to say so"},
		"a folder of somebody's":        {func(s *settings) { s.dirty, s.version, s.folder = true, "1.4.0-dirty", "full" }, "move it away"},
	} {
		t.Run(name, func(t *testing.T) {
			s := good
			c.change(&s)
			if err := s.check(t.Context()); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// TestOthersReadTheImage asks skopeo, which reads both forms that the file has.
func TestOthersReadTheImage(t *testing.T) {
	if _, err := exec.LookPath("skopeo"); err != nil {
		t.Skip("SKIP: skopeo is not installed")
	}
	t.Chdir("../..")
	img, err := newImage(facts(), "linux/amd64", []byte("the program"))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := img.archive(facts())
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "image.tar")
	if err := write(file, raw); err != nil {
		t.Fatal(err)
	}
	for _, form := range []string{"oci-archive:", "docker-archive:"} {
		to := filepath.Join(t.TempDir(), "copy.tar")
		if _, err := output(t.Context(), "skopeo", "copy", "--insecure-policy", "-q", form+file, "docker-archive:"+to); err != nil {
			t.Errorf("%s: %v", form, err)
			continue
		}
		if !holds(t, to, "the program") {
			t.Errorf("%s: the program is not in what skopeo copied", form)
		}
	}
}

// holds looks into the layers of a Docker archive, which are not compressed.
func holds(t *testing.T, file, text string) bool {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for r := tar.NewReader(bytes.NewReader(raw)); ; {
		h, err := r.Next()
		if err != nil {
			return false
		}
		if strings.HasSuffix(h.Name, ".tar") {
			body, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(body, []byte(text)) {
				return true
			}
		}
	}
}

// TestWhatGoesAlongIsOfTheCommit fails for a link in deploy too, before a release does.
func TestWhatGoesAlongIsOfTheCommit(t *testing.T) {
	t.Chdir("../..")
	got, err := tracked(t.Context(), "configs", "deploy", "LICENSE")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"LICENSE", "configs/stack.yaml", "deploy/forward-auth/Caddyfile"} {
		if !slices.ContainsFunc(got, func(e entry) bool { return e.name == want && e.mode == 0o644 && len(e.body) > 0 }) {
			t.Errorf("%s does not go along", want)
		}
	}
}
