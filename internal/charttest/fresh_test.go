package charttest

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/golden"
)

var update = golden.Flag()

// sources are a digest for each file that what is rendered was made of.
func sources(t *testing.T) string {
	t.Helper()
	var out []string
	add := func(root string) {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(path) == ".txt" || filepath.Ext(path) == ".md" {
				return err
			}
			raw, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			sum := sha256.Sum256(raw)
			out = append(out, hex.EncodeToString(sum[:8])+"  "+filepath.ToSlash(path))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	add(filepath.Join(chart, "templates"))
	add(filepath.Join(chart, "examples"))
	for _, name := range []string{"Chart.yaml", "values.yaml", "values.schema.json"} {
		add(filepath.Join(chart, name))
	}
	add("testdata/refused")
	slices.Sort(out)
	return strings.Join(out, "\n") + "\n"
}

// TestWhatIsRenderedIsOfThisChart is the place of Helm in quick runs; .ci/long renders anew and compares.
func TestWhatIsRenderedIsOfThisChart(t *testing.T) {
	const name = "testdata/sources.txt"
	got := sources(t)
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(text(t, name), got); diff != "" {
		t.Errorf("the chart has changed since it was rendered; run make manifests (-rendered +now):\n%s", diff)
	}
}

// plainHead stands above each plain manifest.
const plainHead = "# Made by make manifests from the chart in deploy/helm/identityd (%s). Change it by a kustomization of your own\n# (docs/install.md#kubernetes); what is written here is lost with the next release.\n"

var (
	helmLines = regexp.MustCompile(`(?m)^ *(helm\.sh/chart|app\.kubernetes\.io/managed-by|app\.kubernetes\.io/version|identityd/restart): .*\n|^# Source: .*\n|^ *namespace: identityd\n|^ *# Of what needs a restart only.*\n`)
	jobName   = regexp.MustCompile(`identityd-migrate-[0-9a-f]{8}\b`)
	jobNote   = regexp.MustCompile(`(?m)^# Its name has a digest.*\n`)
)

// withoutHelm turns what Helm rendered into what kubectl takes: no labels of Helm's, no namespace, no test.
func withoutHelm(rendered string) (config, rest string) {
	for _, doc := range strings.Split(rendered, "\n---\n") {
		doc = strings.TrimPrefix(doc, "---\n")
		if strings.Contains(doc, "helm.sh/hook: test") || strings.TrimSpace(doc) == "" {
			continue
		}
		doc = helmLines.ReplaceAllString(doc, "")
		doc = jobNote.ReplaceAllString(doc, "# Jobs do not change: delete the one of the version before (docs/install.md#kubernetes).\n")
		doc = jobName.ReplaceAllString(doc, "identityd-migrate")
		doc = "---\n" + strings.TrimSpace(doc) + "\n"
		if strings.Contains(doc, "\n  stack.yaml: |") {
			config += doc
		} else {
			rest += doc
		}
	}
	return config, rest
}

func TestThePlainManifestsAreThoseOfTheChart(t *testing.T) {
	version := regexp.MustCompile(`(?m)^appVersion: "(.*)"$`).FindStringSubmatch(text(t, filepath.Join(chart, "Chart.yaml")))[1]
	for folder, what := range map[string]string{"postgres": "PostgreSQL", "cockroachdb": "CockroachDB"} {
		config, rest := withoutHelm(text(t, "testdata/rendered/"+folder+".yaml"))
		head := fmt.Sprintf(plainHead, "examples/"+folder+".yaml")
		want := map[string]string{
			"config.yaml":    head + config,
			"identityd.yaml": head + rest,
			"namespace.yaml": head + "---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: identityd\n  labels:\n" +
				"    # No pod of less care gets in.\n    pod-security.kubernetes.io/enforce: restricted\n    pod-security.kubernetes.io/warn: restricted\n",
			"kustomization.yaml": "# identityd on " + what + ": kubectl apply -k, after a kustomization of yours that patches config.yaml.\n" +
				"apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nnamespace: identityd\n" +
				"resources: [namespace.yaml, config.yaml, identityd.yaml]\nimages:\n  - name: identityd\n    newTag: \"" + version + "\"\n",
		}
		for name, content := range want {
			at := filepath.Join(plain, folder, name)
			if *update {
				if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil { //nolint:gosec // a folder of the repository
					t.Fatal(err)
				}
				if err := os.WriteFile(at, []byte(content), 0o644); err != nil { //nolint:gosec // a file of the repository
					t.Fatal(err)
				}
				continue
			}
			if diff := cmp.Diff(content, text(t, at)); diff != "" {
				t.Errorf("%s is not what the chart renders; run make manifests (-chart +file):\n%s", at, diff)
			}
			if strings.Contains(content, "Helm") || strings.Contains(content, "helm.sh") {
				t.Errorf("%s speaks of Helm", at)
			}
		}
	}
}

// TestRulesAndDashboardAreThoseOfMonitoring: a chart reaches no file outside of itself, so it has copies; -update makes them.
func TestRulesAndDashboardAreThoseOfMonitoring(t *testing.T) {
	const from = "../../deploy/monitoring"
	for _, name := range []string{"identityd.rules.yaml", "grafana-dashboard.json"} {
		source, at := text(t, filepath.Join(from, name)), filepath.Join(chart, "files", name)
		if *update {
			if err := os.WriteFile(at, []byte(source), 0o644); err != nil { //nolint:gosec // a file of the repository
				t.Fatal(err)
			}
		}
		if text(t, at) != source {
			t.Errorf("%s is not the copy of %s/%s; run go test ./internal/charttest -update", at, from, name)
		}
	}
}

// TestRulesAndDashboardFitWhereTheyGo puts them where the chart does.
func TestRulesAndDashboardFitWhereTheyGo(t *testing.T) {
	s := named(t, "everything")
	rule := s.one(t, "PrometheusRule", "identityd")
	rule.raw.(map[string]any)["spec"] = read(t, filepath.Join(chart, "files", "identityd.rules.yaml"))[0].raw
	if err := validate(t, schemas(t), rule); err != nil {
		t.Error(err)
	}
	raw := text(t, filepath.Join(chart, "files", "grafana-dashboard.json"))
	if !json.Valid([]byte(raw)) || len(raw) > 1<<20-4096 {
		t.Errorf("the dashboard is no JSON, or too long for a ConfigMap (%d bytes)", len(raw))
	}
	for _, o := range []object{rule, s.one(t, "ConfigMap", "identityd-dashboard")} {
		if o.Metadata.Labels["release"] == "" && o.Metadata.Labels["grafana_dashboard"] != "1" {
			t.Errorf("%s %s has no label by which it is found", o.Kind, o.Metadata.Name)
		}
	}
}
