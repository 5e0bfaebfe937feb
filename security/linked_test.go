package security

import (
	"bytes"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// module is one whose code is in the program: what go.mod names, or what stands in its place.
type module struct {
	path, version string
	// asked is the version in go.mod, which a replacement may not have.
	asked string
}

type pkg struct {
	ImportPath string
	Imports    []string
	Standard   bool
	Module     *struct {
		Path, Version string
		Main          bool
		Replace       *struct{ Path, Version string }
	}
}

// platforms are those whose lists are looked at; the module of tools has the same.
var platforms = []string{"linux/amd64", "windows/amd64"}

// packages returns what is linked into the program on a platform.
func packages(t *testing.T, platform string) []pkg {
	t.Helper()
	goos, goarch, _ := strings.Cut(platform, "/")
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-tags", tags(t),
		"-json=ImportPath,Imports,Standard,Module", "./cmd/identityd")
	cmd.Dir = ".."
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+goos, "GOARCH="+goarch)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	raw, err := cmd.Output()
	if err != nil {
		t.Fatalf("listing what is linked: %v\n%s", err, stderr.String())
	}
	var out []pkg
	for dec := json.NewDecoder(bytes.NewReader(raw)); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		out = append(out, p)
	}
	if len(out) < 500 {
		t.Fatalf("got %d packages, which cannot be all", len(out))
	}
	return out
}

var once struct {
	sync.Once
	all []pkg
}

// everywhere returns the packages of all platforms.
func everywhere(t *testing.T) []pkg {
	t.Helper()
	once.Do(func() {
		for _, platform := range platforms {
			once.all = append(once.all, packages(t, platform)...)
		}
	})
	return once.all
}

// local begins the names of the folders of this repository that stand in the place of modules of others.
const local = "example.com/identityd/"

// modules returns the modules of others that are linked, by the path in go.mod, and Go's library.
func modules(t *testing.T) map[string]module {
	t.Helper()
	out := map[string]module{"std": {path: "std", version: runtime.Version()}}
	for _, p := range everywhere(t) {
		if p.Standard || p.Module == nil || p.Module.Main {
			continue
		}
		m := module{path: p.Module.Path, version: p.Module.Version}
		if r := p.Module.Replace; r != nil {
			m = replacement(r.Path, r.Version)
		}
		m.asked = p.Module.Version
		out[p.Module.Path] = m
	}
	return out
}

func replacement(path, version string) module {
	if strings.HasPrefix(path, ".") {
		return module{path: local + strings.TrimPrefix(path, "./")}
	}
	return module{path: path, version: version}
}

// built returns the modules that a binary says it is made of. make supply names one.
func built(t *testing.T) map[string]module {
	t.Helper()
	binary := os.Getenv("IDENTITYD_TEST_BINARY")
	if binary == "" {
		t.Skip("SKIP: IDENTITYD_TEST_BINARY names no binary; make supply builds one and looks into it")
	}
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	version, _, _ := strings.Cut(info.GoVersion, " ")
	out := map[string]module{"std": {path: "std", version: version}}
	for _, d := range info.Deps {
		m := module{path: d.Path, version: d.Version}
		if d.Replace != nil {
			m = replacement(d.Replace.Path, d.Replace.Version)
		}
		out[d.Path] = m
	}
	return out
}

func tags(t *testing.T) string {
	t.Helper()
	m := regexp.MustCompile(`(?m)^TAGS\s*:=\s*(\S+)$`).FindStringSubmatch(read(t, "../Makefile"))
	if m == nil {
		t.Fatal("the Makefile has no TAGS")
	}
	return m[1]
}

func read(t *testing.T, name string) string {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
