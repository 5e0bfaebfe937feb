package charttest

import (
	"encoding/base64"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"example.com/identityd/internal/doctest"
)

func kubectl(t *testing.T) string {
	t.Helper()
	at, err := exec.LookPath("kubectl")
	if err != nil {
		t.Skip("SKIP: kubectl is not here: apt-get install kubectl, or kubernetes-client")
	}
	return at
}

// TestTheValuesOfTheDocument: they are the example for PostgreSQL, whose rendering every other test looks at.
func TestTheValuesOfTheDocument(t *testing.T) {
	for _, b := range doctest.Of(t, "docs/install.md") {
		want := values(t, text(t, filepath.Join(chart, "examples", "postgres.yaml")))
		if diff := cmp.Diff(want, values(t, b.Text)); diff != "" {
			t.Errorf("%s is not examples/postgres.yaml (-example +page):\n%s", b.At(), diff)
		}
		if err := valuesSchema(t).Validate(values(t, b.Text)); err != nil {
			t.Error(err)
		}
	}
}

// TestTheSecretsOfTheDocument runs the block as it stands, with a kubectl that makes Secrets on paper, and an identityd that writes
// the files of bootstrap (the real one is run by TestPods). What the pods of the example mount has to be there afterwards.
func TestTheSecretsOfTheDocument(t *testing.T) {
	real, dir := kubectl(t), t.TempDir()
	made := filepath.Join(dir, "made.yaml")
	for name, script := range map[string]string{
		"kubectl": "#!/bin/sh\ncase \"$*\" in *'create namespace'*) exit 0;; esac\nexec " + real + " \"$@\" --dry-run=client -o yaml >> " + made + "\n",
		"identityd": "#!/bin/sh\nwhile [ \"$1\" != --password-dir ]; do shift; done\nmkdir -p \"$2\"\n" +
			"for u in hydra_user kratos_user hydra_migrator kratos_migrator; do echo \"password-of-$u\" > \"$2/$u\"; done\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o755); err != nil { //nolint:gosec // a program
			t.Fatal(err)
		}
	}
	for _, b := range doctest.Of(t, "docs/install.md") {
		cmd := exec.CommandContext(t.Context(), "sh", "-ec", strings.ReplaceAll(b.Text, "kubectl -n", "echo --- >> "+made+"; kubectl -n")) //nolint:gosec // of the document
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "PATH="+dir+":"+os.Getenv("PATH"))
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", b.At(), err, out)
		}
	}
	got := map[string]map[string]string{}
	for _, o := range read(t, made) {
		var s struct{ Data map[string]string }
		o.into(t, &s)
		got[o.Metadata.Name] = s.Data
		for key, value := range s.Data {
			if raw, err := base64.StdEncoding.DecodeString(value); err != nil || len(strings.TrimSpace(string(raw))) == 0 {
				t.Errorf("%s of %s is empty: %v", key, o.Metadata.Name, err)
			}
		}
	}
	s := named(t, "postgres")
	for _, m := range regexp.MustCompile(`/run/secrets/identityd/([a-z.]+)`).FindAllStringSubmatch(stackOf(t, s)["stack.yaml"], -1) {
		if got["identityd"][m[1]] == "" {
			t.Errorf("the page makes no %s, which the pods read", m[0])
		}
	}
	job, err := yaml.Marshal(s.kind("Job")[0].raw)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`/run/secrets/migrator/([a-z_]+)`).FindAllStringSubmatch(string(job), -1) {
		if got["identityd-migrator"][m[1]] == "" {
			t.Errorf("the page makes no %s, which the Job reads", m[0])
		}
	}
}

// TestTheKustomizationOfTheDocument builds it beside the plain manifests.
func TestTheKustomizationOfTheDocument(t *testing.T) {
	at, dir := kubectl(t), t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "deploy/kubernetes"), os.DirFS(plain)); err != nil {
		t.Fatal(err)
	}
	mine := filepath.Join(dir, "mine")
	if err := os.Mkdir(mine, 0o750); err != nil {
		t.Fatal(err)
	}
	config := strings.ReplaceAll(text(t, filepath.Join(plain, "postgres/config.yaml")), "id.example.com", "login.example.org")
	for name, content := range map[string]string{"kustomization.yaml": doctest.Of(t, "docs/install.md")[0].Text, "config.yaml": config} {
		if err := os.WriteFile(filepath.Join(mine, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	all := schemas(t)
	for folder, mark := range map[string]string{mine: "login.example.org", filepath.Join(dir, "deploy/kubernetes/cockroachdb"): "cockroach://"} {
		out, err := exec.CommandContext(t.Context(), at, "kustomize", folder).Output() //nolint:gosec // kubectl
		if err != nil {
			t.Fatalf("%s: %v", folder, err)
		}
		file := filepath.Join(t.TempDir(), "out.yaml")
		if err := os.WriteFile(file, out, 0o600); err != nil {
			t.Fatal(err)
		}
		objects := read(t, file)
		if len(objects) < 10 || !strings.Contains(string(out), mark) {
			t.Errorf("%s: got %d objects, or no %s", folder, len(objects), mark)
		}
		for _, o := range objects {
			if err := validate(t, all, o); err != nil {
				t.Errorf("%s %s: %v", o.Kind, o.Metadata.Name, err)
			}
			if o.Kind != "Namespace" && o.Metadata.Namespace != "identityd" {
				t.Errorf("%s %s is in the namespace %q", o.Kind, o.Metadata.Name, o.Metadata.Namespace)
			}
		}
		if folder == mine {
			if strings.Contains(string(out), "id.example.com") && !strings.Contains(string(out), "secretName: id-example-com") || !strings.Contains(string(out), "registry.example.com/identityd:") {
				t.Errorf("what was patched is not:\n%s", out)
			}
			if i := slices.IndexFunc(objects, func(o object) bool { return o.Kind == "Ingress" }); i < 0 || !strings.Contains(string(out), "host: login.example.org") {
				t.Error("the host of the Ingress is not patched")
			}
		}
	}
}
