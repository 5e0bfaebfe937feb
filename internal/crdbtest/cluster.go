package crdbtest

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// bound is how long a node may take to answer.
const bound = 2 * time.Minute

// Cluster are nodes on this machine that a test may kill. Nothing is encrypted, and root has no password.
type Cluster struct {
	t     testing.TB
	nodes []*node
}

type node struct {
	port   int
	args   []string
	log    string
	binary string
	cmd    *exec.Cmd
	// ended is closed when the process is gone.
	ended chan struct{}
}

// StartCluster starts one node in each of these regions, with its data in a folder of the test, and ends
// them with the test. One region makes a single node, which needs no license in any version.
func StartCluster(t testing.TB, regions ...string) *Cluster {
	t.Helper()
	binary, dir := Binary(t), t.TempDir()
	c := &Cluster{t: t}
	ports, err := freePorts(len(regions))
	if err != nil {
		t.Fatal(err)
	}
	var join []string
	for _, port := range ports {
		join = append(join, at(port))
	}
	for i, region := range regions {
		home := filepath.Join(dir, "node"+strconv.Itoa(i))
		args := []string{
			"start", "--join=" + strings.Join(join, ","),
			"--insecure", "--listen-addr=" + at(ports[i]), "--http-addr=localhost:0",
			"--store=path=" + home, "--locality=region=" + region + ",zone=" + region + "a",
			"--cache=128MiB", "--max-sql-memory=256MiB", "--max-offset=250ms",
			"--pid-file=" + home + ".pid", "--logtostderr=WARNING",
		}
		if len(regions) == 1 {
			args = append([]string{"start-single-node"}, args[2:]...)
		}
		c.nodes = append(c.nodes, &node{port: ports[i], args: args, log: home + ".log", binary: binary})
	}
	t.Cleanup(c.close)
	for i := range c.nodes {
		c.launch(i)
	}
	if len(regions) > 1 {
		c.initialize(binary)
	}
	for i := range c.nodes {
		c.await(i)
	}
	db := c.DB(t, "defaultdb")
	if err := prepare(db); err != nil {
		t.Fatal(err)
	}
	return c
}

// Kill ends a node at once, as a machine does that loses its power.
func (c *Cluster) Kill(i int) {
	c.t.Helper()
	n := c.nodes[i]
	if err := n.cmd.Process.Kill(); err != nil {
		c.t.Fatalf("killing node %d: %v", i, err)
	}
	<-n.ended
	n.cmd = nil
}

// Restart starts a node that was killed, with its data and on its port, and returns when it answers.
func (c *Cluster) Restart(i int) {
	c.t.Helper()
	c.launch(i)
	c.await(i)
}

// URL returns the cockroach:// URL of all nodes: the driver takes the first that answers.
func (c *Cluster) URL() string {
	u := url.URL{Scheme: "cockroach", User: url.User("root"), Path: "/", RawQuery: "sslmode=disable"}
	var hosts []string
	for _, n := range c.nodes {
		hosts = append(hosts, at(n.port))
	}
	u.Host = strings.Join(hosts, ",")
	return u.String()
}

// DB opens a pool to a database over all nodes.
func (c *Cluster) DB(t testing.TB, name string) *sql.DB {
	t.Helper()
	u, err := url.Parse(c.URL())
	if err != nil {
		t.Fatal(err)
	}
	db, err := open(*u, name)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func (c *Cluster) launch(i int) {
	c.t.Helper()
	n := c.nodes[i]
	log, err := os.OpenFile(n.log, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		c.t.Fatal(err)
	}
	defer log.Close()
	// Not the test's context, which ends before its cleanup.
	cmd := exec.CommandContext(context.Background(), n.binary, n.args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = filepath.Dir(n.log), log, log
	if err := cmd.Start(); err != nil {
		c.t.Fatalf("starting node %d: %v", i, err)
	}
	n.cmd, n.ended = cmd, make(chan struct{})
	go func(ended chan struct{}) {
		cmd.Wait() //nolint:errcheck // its log says more
		close(ended)
	}(n.ended)
}

// initialize tells the nodes to become one cluster, as soon as the first one listens.
func (c *Cluster) initialize(binary string) {
	c.t.Helper()
	c.until("the cluster is not initialized", func(ctx context.Context) error {
		out, err := exec.CommandContext(ctx, binary, "init", "--insecure", "--host="+at(c.nodes[0].port)).CombinedOutput()
		if err != nil && !bytes.Contains(out, []byte("already been initialized")) {
			return fmt.Errorf("%w: %s", err, out)
		}
		return nil
	})
}

func (c *Cluster) await(i int) {
	c.t.Helper()
	u := url.URL{Scheme: "cockroach", User: url.User("root"), Host: at(c.nodes[i].port), RawQuery: "sslmode=disable"}
	db, err := open(u, "defaultdb")
	if err != nil {
		c.t.Fatal(err)
	}
	defer db.Close()
	c.until(fmt.Sprintf("node %d does not answer", i), func(ctx context.Context) error {
		var one int
		return db.QueryRowContext(ctx, "SELECT 1").Scan(&one)
	})
}

func (c *Cluster) until(otherwise string, f func(context.Context) error) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), bound)
	defer cancel()
	tick := time.NewTicker(250 * time.Millisecond)
	defer tick.Stop()
	for {
		err := f(ctx)
		if err == nil {
			return
		}
		for i, n := range c.nodes {
			select {
			case <-n.ended:
				if n.cmd != nil {
					c.t.Fatalf("node %d ended by itself\n%s", i, c.logs())
				}
			default:
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			c.t.Fatalf("%s: %v\n%s", otherwise, err, c.logs())
		}
	}
}

func (c *Cluster) close() {
	if c.t.Failed() {
		c.t.Logf("ends of the nodes' logs:\n%s", c.logs())
	}
	for _, n := range c.nodes {
		if n.cmd == nil {
			continue
		}
		if err := n.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
			c.t.Errorf("ending a node: %v", err)
		}
		<-n.ended
	}
}

func (c *Cluster) logs() string {
	const most = 4000
	var b strings.Builder
	for i, n := range c.nodes {
		raw, err := os.ReadFile(n.log)
		if err != nil {
			raw = []byte(err.Error())
		}
		fmt.Fprintf(&b, "node %d: ...%s\n", i, raw[max(0, len(raw)-most):])
	}
	return b.String()
}

func at(port int) string { return "localhost:" + strconv.Itoa(port) }

// freePorts finds ports, since a node has to know those of the others before it starts. Another program
// could take one in between.
func freePorts(n int) ([]int, error) {
	var out []int
	for range n {
		l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "localhost:0")
		if err != nil {
			return nil, fmt.Errorf("finding a free port: %w", err)
		}
		defer l.Close()
		out = append(out, l.Addr().(*net.TCPAddr).Port)
	}
	return out, nil
}
