package scaling

import (
	"math"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// exact has no spread, so that sums can be worked out by hand.
func exact() Matrix {
	same := func(ms float64) Latency { return Latency{ms, ms} }
	return Matrix{
		Regions: []string{"a", "b", "c"}, Local: same(1), GlobalWrite: same(500),
		Pairs: []Pair{{"a", "b", same(20)}, {"a", "c", same(100)}, {"b", "c", same(90)}},
	}
}

func TestStatementsCostWhatTheirPlacesSay(t *testing.T) {
	k := Cluster{Matrix: exact(), Parents: map[string][]string{"sessions": {"identities", "networks"}, "hydra_oauth2_flow": {"hydra_client"}}}
	one := func(engine, kind string, tx bool, tables ...string) Operation {
		o := Operation{Statements: []Statement{{engine, kind, tables, tx, 1}}}
		if tx {
			o.Transactions = 1
		}
		return o
	}
	client := one("hydra", "SELECT", false, "hydra_client")
	flow := one("hydra", "INSERT", false, "hydra_oauth2_flow")
	session := one("kratos", "INSERT", false, "sessions")
	inTx := one("kratos", "UPDATE", true, "sessions")
	find := one("kratos", "SELECT", false, "sessions")
	throttle := one("kratos", "UPDATE", true, "identityd_throttle")
	home, far := Choice{From: "a", Primary: "a", Survive: "zone"}, Choice{From: "c", Primary: "a", Survive: "zone"}
	safe, farSafe := Choice{From: "a", Primary: "a", Survive: "region"}, Choice{From: "c", Primary: "a", Survive: "region"}
	local := Choice{From: "c", Primary: "a", Survive: "region", Local: true}
	searched := local
	searched.Searched = true
	for _, tt := range []struct {
		name string
		c    Choice
		o    Operation
		want float64
		far  int
	}{
		{"a client is read nearby", far, client, 1, 0},
		{"a client is written everywhere", far, one("hydra", "UPDATE", false, "hydra_client"), 501, 1},
		{"a session is read at home", home, find, 1, 0},
		{"a session is read from far", far, find, 101, 1},
		{"a flow is written at home", home, flow, 1, 0},
		{"a flow waits for the nearest other region", safe, flow, 21, 1},
		{"a flow waits for the way and for that region", farSafe, flow, 121, 2},
		{"a session asks for its person, too", farSafe, session, 221, 3},
		{"a transaction goes there twice and waits once", farSafe, inTx, 1 + 100 + 1 + 1 + 100 + 20, 3},
		{"a row of here is found here", local, find, 1, 0},
		{"a row is searched everywhere", searched, find, 101, 1},
		{"a row of here asks whether its key is taken, and for its person", local, session, 1 + 100 + 100 + 90, 3},
		{"a transaction of here", local, inTx, 1 + 1 + 1 + 90, 1},
		{"the throttle stays in the primary region", local, throttle, 1 + 100 + 1 + 1 + 100 + 20, 3},
		{"ours and a row in one transaction end in the primary region", local, Operation{
			Transactions: 1, Statements: append(append([]Statement{}, inTx.Statements...), throttle.Statements...),
		}, 1 + 1 + 100 + 1 + 1 + 100 + 20, 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := k.Cost(tt.c, tt.o)
			if math.Abs(got.P50-tt.want) > 1e-6 || math.Abs(got.P99-tt.want) > 1e-6 || got.Far != tt.far {
				t.Errorf("got %+v, want %g ms and %d round trips", got, tt.want, tt.far)
			}
		})
	}
}

func TestAnOperationOfManyWaitsIsLessSpreadThanOne(t *testing.T) {
	m := exact()
	m.Pairs[1].Latency = Latency{100, 200}
	k := Cluster{Matrix: m}
	find := func(n int) Operation {
		return Operation{Statements: []Statement{{"kratos", "SELECT", []string{"sessions"}, false, n}}}
	}
	c := Choice{From: "c", Primary: "a", Survive: "zone"}
	one, many := k.Cost(c, find(1)), k.Cost(c, find(20))
	if math.Abs(one.P50-101) > 3 || math.Abs(one.P99-201) > 10 {
		t.Errorf("got %+v for one, want the latencies that were put in", one)
	}
	if many.P99/many.P50 > 1.3 || many.P50 < 20*101 {
		t.Errorf("got %+v for twenty, want p99 near p50", many)
	}
	if diff := cmp.Diff(many, k.Cost(c, find(20))); diff != "" {
		t.Errorf("the same input gave another table (-first +second):\n%s", diff)
	}
}

func TestAMatrixHasToBeWhole(t *testing.T) {
	for want, change := range map[string]func(*Matrix){
		"a and c are missing": func(m *Matrix) { m.Pairs = m.Pairs[:1] },
		"p50 must be above 0": func(m *Matrix) { m.Local = Latency{} },
		"there is none":       func(m *Matrix) { m.Regions = nil },
		"p99 not below it":    func(m *Matrix) { m.Pairs[0].Latency = Latency{10, 5} },
	} {
		m := exact()
		change(&m)
		if err := m.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	if err := exact().Check(); err != nil {
		t.Error(err)
	}
}

func TestPeopleNeedWhatTheyDo(t *testing.T) {
	run := Measured{
		Operations: []MeasuredOp{{Name: "sign-in", CPU: 50, DBCPU: 5, Statements: 30, Up: 6e3, Down: 4e3}},
		Rows:       map[string]Rows{"account": {Heap: 600, Indexes: 400}, "sign-in": {Heap: 900, Indexes: 100, Life: 30}},
	}
	mix := Mix{PerDay: map[string]float64{"sign-in": 1}, Leaves: map[string]float64{"account": 1, "sign-in": 2}, Peak: 2, Busy: 0.5}
	got, err := mix.Need(86400, run)
	want := Need{People: 86400, PerSecond: 2, Statements: 60, Cores: 0.2, DBCores: 0.02, MBps: 0.02, GB: 86400 * (1000 + 60000) / 1e9}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	mix.PerDay["sing-in"] = 1
	if _, err := mix.Need(1, run); err == nil {
		t.Error("a word that is mistyped costs nothing")
	}
}

func TestTheRealSchemasHaveForeignKeys(t *testing.T) {
	for engine, want := range map[string][2]string{"hydra": {"hydra_oauth2_access", "hydra_oauth2_flow"}, "kratos": {"sessions", "identities"}} {
		schema, err := os.ReadFile("../baseline/sql/" + engine + ".postgres.sql")
		if err != nil {
			t.Fatal(err)
		}
		if got := Parents(string(schema))[want[0]]; !strings.Contains(strings.Join(got, " "), want[1]) {
			t.Errorf("got %v for %s, want %s among them", got, want[0], want[1])
		}
	}
}
