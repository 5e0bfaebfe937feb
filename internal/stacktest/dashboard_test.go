package stacktest

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"example.com/identityd/internal/doctest"
)

// dashboard is what is read of Grafana's model.
type dashboard struct {
	UID, Title    string
	SchemaVersion int
	Templating    struct {
		List []struct {
			Name, Type string
			Query      any
			Datasource *struct{ UID string }
		}
	}
	Annotations struct{ List []struct{ Expr string } }
	Panels      []struct {
		ID         int
		Type       string
		Title      string
		Datasource *struct{ Type, UID string }
		GridPos    struct{ H, W, X, Y int }
		Targets    []struct {
			RefID, Expr, LegendFormat string
			Datasource                *struct{ Type, UID string }
		}
	}
}

type panelQuery struct{ panel, expr string }

func readDashboard(t *testing.T) dashboard {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(monitoring, "grafana-dashboard.json"))
	if err != nil {
		t.Fatal(err)
	}
	var d dashboard
	if err := json.Unmarshal(raw, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// queries are those of all panels, with values in the place of Grafana's variables.
func (d dashboard) queries() (out []panelQuery) {
	values := strings.NewReplacer("$region", ".*", "$instance", ".*", "$__rate_interval", "5m", "$__range", "1h")
	for _, p := range d.Panels {
		for _, target := range p.Targets {
			out = append(out, panelQuery{p.Title, values.Replace(target.Expr)})
		}
	}
	for _, a := range d.Annotations.List {
		out = append(out, panelQuery{"annotation > 0", values.Replace(a.Expr)})
	}
	return out
}

// TestTheDashboardCanBeImported holds what Grafana reads of a dashboard. There is no Grafana here to import it.
func TestTheDashboardCanBeImported(t *testing.T) {
	d := readDashboard(t)
	if d.UID == "" || len(d.UID) > 40 || d.Title == "" || d.SchemaVersion < 36 {
		t.Errorf("got uid %q, title %q, schema %d", d.UID, d.Title, d.SchemaVersion)
	}
	var variables []string
	for _, v := range d.Templating.List {
		variables = append(variables, v.Name)
	}
	if want := []string{"datasource", "region", "instance"}; !slices.Equal(variables, want) {
		t.Errorf("got the variables %v, want %v", variables, want)
	}
	known, ids, rows := regexp.MustCompile(`\$(\{?[a-zA-Z_]+\}?)`), map[int]bool{}, 0
	taken := map[[2]int]string{}
	for _, p := range d.Panels {
		if ids[p.ID] {
			t.Errorf("two panels have the id %d", p.ID)
		}
		ids[p.ID] = true
		for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
			for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
				if other := taken[[2]int{x, y}]; other != "" {
					t.Fatalf("the panels %q and %q lie on each other", other, p.Title)
				}
				taken[[2]int{x, y}] = p.Title
			}
		}
		if p.GridPos.X+p.GridPos.W > 24 {
			t.Errorf("%q is wider than the grid", p.Title)
		}
		if p.Type == "row" {
			rows++
			continue
		}
		if p.Datasource == nil || p.Datasource.UID != "${datasource}" || len(p.Targets) == 0 || p.Title == "" {
			t.Errorf("the panel %q has no title, no data source that is chosen, or no query", p.Title)
		}
		for _, target := range p.Targets {
			if target.Datasource == nil || target.Datasource.UID != "${datasource}" || target.RefID == "" || target.LegendFormat == "" {
				t.Errorf("%q: a query without a data source, a letter or a legend", p.Title)
			}
			for _, v := range known.FindAllStringSubmatch(target.Expr, -1) {
				if !slices.Contains([]string{"region", "instance", "__rate_interval", "__range"}, v[1]) {
					t.Errorf("%q asks for the variable %s, which there is not", p.Title, v[1])
				}
			}
		}
	}
	if rows != 7 {
		t.Errorf("got %d rows, want 7", rows)
	}
}

// TestAlertRules lets promtool check the rules and run their tests, and holds that every alert has one that fires,
// and a page that says what to do.
func TestAlertRules(t *testing.T) {
	promtool := prometheusTool(t, "promtool")
	commands := [][]string{{"check", "rules", "--lint=all", "--lint-fatal", "deploy/monitoring/identityd.rules.yaml"}}
	for _, b := range doctest.Of(t, "docs/observability.md") {
		for line := range strings.Lines(b.Text) {
			if args, ok := strings.CutPrefix(strings.TrimSpace(line), "promtool "); ok {
				commands = append(commands, strings.Fields(args))
			}
		}
	}
	if len(commands) != 3 {
		t.Errorf("got %d commands, want the two of the page and one more", len(commands))
	}
	for _, args := range commands {
		cmd := exec.CommandContext(t.Context(), promtool, args...)
		cmd.Dir = "../.."
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	var rules struct {
		Groups []struct {
			Rules []struct {
				Alert               string
				Labels, Annotations map[string]string
			}
		}
	}
	var tests struct {
		Tests []struct {
			Alerts []struct {
				Alertname string
				Expected  []any `yaml:"exp_alerts"`
			} `yaml:"alert_rule_test"`
		}
	}
	for name, into := range map[string]any{"identityd.rules.yaml": &rules, "identityd.rules.test.yaml": &tests} {
		raw, err := os.ReadFile(filepath.Join(monitoring, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := yaml.Unmarshal(raw, into); err != nil {
			t.Fatal(err)
		}
	}
	fires, silent := map[string]bool{}, map[string]bool{}
	for _, test := range tests.Tests {
		for _, a := range test.Alerts {
			if len(a.Expected) > 0 {
				fires[a.Alertname] = true
			} else {
				silent[a.Alertname] = true
			}
		}
	}
	for _, g := range rules.Groups {
		for _, r := range g.Rules {
			if r.Alert == "" {
				continue
			}
			if !fires[r.Alert] || !silent[r.Alert] {
				t.Errorf("%s: no test in which it fires, or none in which it is silent", r.Alert)
			}
			if !slices.Contains([]string{"critical", "warning", "info"}, r.Labels["severity"]) || r.Annotations["summary"] == "" || r.Annotations["description"] == "" {
				t.Errorf("%s has no severity, summary or description", r.Alert)
			}
			holdRunbook(t, r.Alert, r.Annotations["runbook"])
		}
	}
}

// holdRunbook holds that the heading is there, and names the alert below it.
func holdRunbook(t *testing.T, alert, runbook string) {
	t.Helper()
	page, heading, _ := strings.Cut(runbook, "#")
	raw, err := os.ReadFile(filepath.Join("../..", page))
	if err != nil {
		t.Errorf("%s: %v", alert, err)
		return
	}
	under := ""
	for line := range strings.Lines(string(raw)) {
		if strings.HasPrefix(line, "#") {
			under = strings.ReplaceAll(strings.ToLower(strings.TrimSpace(strings.TrimLeft(line, "#"))), " ", "-")
		}
		if under == heading && strings.Contains(line, "`"+alert+"`") {
			return
		}
	}
	t.Errorf("%s is not named under the heading %s of %s", alert, heading, page)
}
