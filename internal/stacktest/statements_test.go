package stacktest

import (
	"context"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/golden"
	"example.com/identityd/internal/pgtest"
	"example.com/identityd/internal/sqlseam"
)

// TestStatementsOnSQLite and its twin hold the number of SQL statements of every operation, each request of
// it apart, against files that people review: whoever lowers or raises one runs them with -update and
// commits the difference. With -v they list the statements.
func TestStatementsOnSQLite(t *testing.T) {
	notOnStandIn(t, onSQLite)
	countStatements(t, "sqlite", nil)
}

func TestStatementsOnPostgres(t *testing.T) {
	d := newDatabases(t, pgtest.Shared(t))
	countStatements(t, "postgres", map[string]string{d.hydra: "hydra", d.kratos: "kratos"}, d.opts...)
}

// countStatements goes through the operations three times: the first time everything is cold, and the other
// two have to be alike. names are what the databases are called, where that differs.
func countStatements(t *testing.T, name string, names map[string]string, opts ...Option) {
	t.Helper()
	rec := &recorder{names: names}
	wires := newWires(t)
	s, log, cfg := assemble(t, append(opts, withFiles(t, map[string]string{"clients": countedApps}))...)
	s.options.Watch = rec.watch
	s.run(t, cfg, log)
	s.AwaitReady(t)
	var rounds [3]string
	for i := range rounds {
		rec.begin()
		o := &operations{t: t, s: s, rec: rec, wires: wires, email: fmt.Sprintf("person-%d@example.com", i)}
		o.all()
		rounds[i] = rec.table()
	}
	if diff := cmp.Diff(rounds[1], rounds[2]); diff != "" {
		t.Errorf("the same operations differ from time to time (-second +third):\n%s", diff)
	}
	if StandIn() {
		// With the savepoints of CockroachDB's dialect, which come in addition.
		t.Log(rounds[2])
	} else {
		golden.Text(t, *update, "statements-"+name+".golden", rounds[2])
		if name == "postgres" {
			golden.JSON(t, *update, "statements-"+name+".json", rec.counted())
		}
	}
	rec.list(t)
	wires.check(t, s)
}

// counting is one request of an operation and what it sent to the databases.
type counting struct {
	what       string
	statements []sqlseam.Statement
}

// operation is what a person or an application does at once.
type operation struct {
	name     string
	requests []*counting
}

// recorder keeps what was sent for each request. Whatever belongs to no request, such as the janitor, the
// leases and the courier, has no record that could be watched.
type recorder struct {
	names map[string]string

	mu         sync.Mutex
	operations []*operation
	open       sync.WaitGroup
}

func (c *recorder) begin() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.operations = nil
}

// do runs one operation and waits until each of its requests is over on the server, too.
func (c *recorder) do(name string, f func()) {
	c.mu.Lock()
	c.operations = append(c.operations, &operation{name: name})
	c.mu.Unlock()
	f()
	c.open.Wait()
}

// aside runs what belongs to no operation.
func (c *recorder) aside(f func()) {
	c.do("", f)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.operations = c.operations[:len(c.operations)-1]
}

// watch is stack.Options.Watch.
func (c *recorder) watch(r *http.Request) (each func(sqlseam.Statement), done func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.operations) == 0 {
		return func(sqlseam.Statement) {}, func() {}
	}
	c.open.Add(1)
	now := c.operations[len(c.operations)-1]
	req := &counting{what: r.Method + " " + r.URL.Path}
	now.requests = append(now.requests, req)
	return func(s sqlseam.Statement) {
		if name := c.names[s.Database]; name != "" {
			s.Database = name
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		req.statements = append(req.statements, s)
	}, c.open.Done
}

// tally is what a line of the table says.
type tally struct{ hydra, kratos, begins int }

func (y *tally) add(statements []sqlseam.Statement) {
	for _, s := range statements {
		switch {
		case s.Query == sqlseam.Begin:
			y.begins++
		case s.Database == "hydra":
			y.hydra++
		default:
			y.kratos++
		}
	}
}

func (y tally) line(name string) string {
	return fmt.Sprintf("%-72s %5d %5d %5d %5d\n", name, y.hydra+y.kratos, y.hydra, y.kratos, y.begins)
}

func (c *recorder) table() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var b strings.Builder
	fmt.Fprintf(&b, "%-72s %5s %5s %5s %5s\n", "SQL statements by database, and transactions begun", "all", "hydra", "krat.", "begun")
	for _, o := range c.operations {
		var sum tally
		for _, r := range o.requests {
			sum.add(r.statements)
		}
		b.WriteString("\n" + sum.line(fmt.Sprintf("%s (%d)", o.name, len(o.requests))))
		for _, r := range o.requests {
			var y tally
			y.add(r.statements)
			b.WriteString(y.line("  " + r.what))
		}
	}
	return b.String()
}

// list says what the statements are, for those who want fewer.
func (c *recorder) list(t *testing.T) {
	t.Helper()
	if !testing.Verbose() {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	var b strings.Builder
	for _, o := range c.operations {
		fmt.Fprintf(&b, "\n== %s\n", o.name)
		tables := map[string]int{}
		for _, r := range o.requests {
			fmt.Fprintf(&b, "-- %s\n", r.what)
			for _, s := range r.statements {
				short := kindAndTable(s.Query)
				fmt.Fprintf(&b, "   %-6s %-60s %.150s\n", s.Database, short, strings.Join(strings.Fields(afterFrom(s.Query)), " "))
				tables[s.Database+" "+short]++
			}
		}
		keys := slices.Collect(maps.Keys(tables))
		slices.SortFunc(keys, func(a, b string) int {
			if n := tables[b] - tables[a]; n != 0 {
				return n
			}
			return strings.Compare(a, b)
		})
		for _, k := range keys {
			fmt.Fprintf(&b, "%5d %s\n", tables[k], k)
		}
	}
	t.Log(b.String())
}

// wires count the connections that the test opens, by address.
type wires struct {
	transport *http.Transport
	mu        sync.Mutex
	dialed    map[string]int
}

func newWires(t *testing.T) *wires {
	t.Helper()
	w := &wires{dialed: map[string]int{}}
	w.transport = &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		if err == nil {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.dialed[conn.RemoteAddr().String()]++
		}
		return conn, err
	}}
	t.Cleanup(w.transport.CloseIdleConnections)
	return w
}

// check finds that every listener accepted the connections of the test and no other: the process talks with
// itself without a socket, whatever it is asked.
func (w *wires) check(t *testing.T, s *Stack) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	accepted := s.Accepted.all()
	if len(accepted) == 0 {
		t.Fatal("no listener accepted anything, so that the counter proves nothing")
	}
	if diff := cmp.Diff(w.dialed, accepted); diff != "" {
		t.Errorf("the process connected to itself (-dialed by the test +accepted):\n%s", diff)
	}
}
