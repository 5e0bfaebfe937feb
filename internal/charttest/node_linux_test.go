package charttest

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

// bound is a bound, not an expectation.
const bound = 2 * time.Minute

// node does to a pod what a kubelet does: volumes, environment, user, network, read-only root.
type node struct {
	t          *testing.T
	binary     string
	volumes    map[string]map[string]string // what the Secret of a name holds
	configMaps map[string]map[string]string
	hosts      map[string]string // names that pods know, and where they lead from port 5432 on
	subnet     string
	pods       int
}

// pod is one that runs.
type pod struct {
	name, root, address string
	cmd                 *exec.Cmd
	out                 *locked
	done                chan struct{}
	err                 error
	served              atomic.Int64 // requests that the ingress controller gave it
}

type locked struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements io.Writer.
func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

// String is everything so far.
func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func newNode(t *testing.T) *node {
	t.Helper()
	n := &node{t: t, binary: os.Getenv("IDENTITYD_TEST_BINARY"), volumes: map[string]map[string]string{}, hosts: map[string]string{}}
	if n.binary == "" {
		if slices.Contains(strings.Split(os.Getenv("IDENTITYD_TEST_REQUIRE"), ","), "image") {
			t.Fatal("IDENTITYD_TEST_BINARY names no program for the pods, and IDENTITYD_TEST_REQUIRE asks for what an image has in it")
		}
		t.Skip("SKIP: IDENTITYD_TEST_BINARY names no static binary; make build makes one")
	}
	if os.Getuid() != 0 {
		t.Skip("SKIP: only root makes the network and the root of a pod")
	}
	for _, tool := range []string{"ip", "nsenter", "unshare", "chroot"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("SKIP: %v", err)
		}
	}
	random := make([]byte, 1)
	_, _ = rand.Read(random) // never fails
	n.subnet = "10.42." + strconv.Itoa(int(random[0]))
	return n
}

// template is what the node reads of a pod template.
type template struct {
	Spec struct {
		SecurityContext struct{ RunAsUser, RunAsGroup, FSGroup int } `json:"securityContext"`
		Containers      []struct {
			Args         []string
			Env          []struct{ Name, Value string }
			VolumeMounts []struct {
				Name, MountPath string
				ReadOnly        bool
			}
		}
		Volumes []struct {
			Name      string
			ConfigMap *struct {
				Name        string
				DefaultMode os.FileMode
			}
			Secret *struct {
				SecretName  string
				DefaultMode os.FileMode
			}
			Projected *struct {
				DefaultMode os.FileMode
				Sources     []struct{ Secret struct{ Name string } }
			}
			EmptyDir any
		}
	}
}

// start makes a pod of a template and starts it. more is what else is in its environment.
func (n *node) start(name string, from object, more ...string) *pod {
	t := n.t
	t.Helper()
	var o struct{ Spec struct{ Template template } }
	from.into(t, &o)
	spec := o.Spec.Template.Spec
	p := &pod{name: name, out: &locked{}, done: make(chan struct{})}
	var host string
	p.address, host = n.network(name)
	p.root = n.imageRoot()
	names := "127.0.0.1 localhost\n"
	for known := range n.hosts {
		names += host + " " + known + "\n"
	}
	if err := os.WriteFile(filepath.Join(p.root, "etc", "hosts"), []byte(names), 0o644); err != nil { //nolint:gosec // as a kubelet writes it
		t.Fatal(err)
	}
	for _, to := range n.hosts {
		n.forward(net.JoinHostPort(host, "5432"), to)
	}

	c := spec.Containers[0]
	group := spec.SecurityContext.FSGroup
	script := "set -e\nmount -t proc proc " + filepath.Join(p.root, "proc") + "\n"
	for _, m := range c.VolumeMounts {
		at := filepath.Join(p.root, m.MountPath)
		if err := os.MkdirAll(at, 0o755); err != nil { //nolint:gosec // a mount point
			t.Fatal(err)
		}
		for _, v := range spec.Volumes {
			if v.Name != m.Name {
				continue
			}
			switch {
			case v.ConfigMap != nil:
				n.fill(at, "1", n.configMaps[v.ConfigMap.Name], v.ConfigMap.DefaultMode, group)
			case v.Secret != nil:
				n.fill(at, "1", n.volumes[v.Secret.SecretName], v.Secret.DefaultMode, group)
			case v.Projected != nil:
				all := map[string]string{}
				for _, s := range v.Projected.Sources {
					for key, value := range n.volumes[s.Secret.Name] {
						all[key] = value
					}
				}
				n.fill(at, "1", all, v.Projected.DefaultMode, group)
			default: // emptyDir, as fsGroup makes it
				own(t, at, 0o777|os.ModeSetgid, group)
			}
		}
		if m.ReadOnly {
			script += fmt.Sprintf("mount --bind %[1]s %[1]s\nmount -o remount,ro,bind %[1]s\n", at)
		}
	}
	own(t, p.root, 0o555, 0)
	user := fmt.Sprintf("%d:%d", spec.SecurityContext.RunAsUser, spec.SecurityContext.RunAsGroup)
	script += fmt.Sprintf("exec chroot --userspec=%s --groups=%d %s /identityd %s\n", user, group, p.root, strings.Join(c.Args, " "))
	p.cmd = exec.CommandContext(t.Context(), "nsenter", "--net=/run/netns/"+n.space(name), "unshare", "--mount", "sh", "-c", script) //nolint:gosec // of this test
	p.cmd.Env = append(more, "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "HOSTNAME="+name)
	for _, e := range c.Env {
		p.cmd.Env = append(p.cmd.Env, e.Name+"="+e.Value)
	}
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.out
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.done)
		p.err = p.cmd.Wait()
	}()
	t.Cleanup(func() {
		select {
		case <-p.done:
		default:
			_ = p.cmd.Process.Signal(syscall.SIGKILL)
			<-p.done
		}
		if t.Failed() {
			t.Logf("%s said:\n%s", name, p.out)
		}
	})
	return p
}

func (n *node) space(name string) string { return fmt.Sprintf("idd%d%s", os.Getpid(), name) }

// network gives a pod an address of its own, and returns that and the address of this machine beside it.
func (n *node) network(name string) (address, host string) {
	t := n.t
	t.Helper()
	first := 4 * n.pods
	n.pods++
	host, address = n.subnet+"."+strconv.Itoa(first+1), n.subnet+"."+strconv.Itoa(first+2)
	space := n.space(name)
	link := fmt.Sprintf("idd%d", os.Getpid()%100000) + string(rune('a'+n.pods))
	for i, args := range [][]string{
		{"netns", "add", space},
		{"link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", space},
		{"address", "add", host + "/30", "dev", link},
		{"link", "set", link, "up"},
		{"-n", space, "address", "add", address + "/30", "dev", "eth0"},
		{"-n", space, "link", "set", "lo", "up"},
		{"-n", space, "link", "set", "eth0", "up"},
		{"-n", space, "route", "add", "default", "via", host},
	} {
		if out, err := exec.CommandContext(t.Context(), "ip", args...).CombinedOutput(); err != nil {
			if i < 2 && n.pods == 1 {
				t.Skipf("SKIP: no network namespace can be made here: %v %s", err, out)
			}
			t.Fatalf("ip %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		if i == 0 {
			t.Cleanup(func() { _ = exec.Command("ip", "netns", "del", space).Run() })
		}
	}
	return address, host
}

// imageRoot is what the Dockerfile's last stage has.
func (n *node) imageRoot() string {
	t := n.t
	t.Helper()
	root, err := os.MkdirTemp("", "pod-*")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(root) })
	for _, folder := range []string{"data", "tmp", "etc", "run", "proc"} {
		if err := os.Mkdir(filepath.Join(root, folder), 0o755); err != nil { //nolint:gosec // as an image's
			t.Fatal(err)
		}
	}
	from, err := os.Open(n.binary)
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	to, err := os.OpenFile(filepath.Join(root, "identityd"), os.O_CREATE|os.O_WRONLY, 0o755) //nolint:gosec // a program
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(to, from); err != nil {
		t.Fatal(err)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	return root
}

// fill writes a volume as a kubelet does: a folder of a new name, and a link that takes the place of the one before in one step.
func (n *node) fill(at, version string, files map[string]string, mode os.FileMode, group int) {
	t := n.t
	t.Helper()
	if len(files) == 0 {
		t.Fatalf("nothing is known of what is mounted at %s", at)
	}
	folder := "..2026_11_27_" + version
	if err := os.Mkdir(filepath.Join(at, folder), 0o755); err != nil { //nolint:gosec // as a kubelet's
		t.Fatal(err)
	}
	for name, content := range files {
		file := filepath.Join(at, folder, name)
		if err := os.WriteFile(file, []byte(content), mode); err != nil {
			t.Fatal(err)
		}
		own(t, file, mode, group)
		if link := filepath.Join(at, name); version == "1" {
			if err := os.Symlink(filepath.Join("..data", name), link); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := os.Symlink(folder, filepath.Join(at, "..data_tmp")); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(at, "..data_tmp"), filepath.Join(at, "..data")); err != nil {
		t.Fatal(err)
	}
}

func own(t *testing.T, name string, mode os.FileMode, group int) {
	t.Helper()
	if err := os.Chown(name, 0, group); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(name, mode); err != nil {
		t.Fatal(err)
	}
}

// forward passes connections on to a port of this machine, until the test ends.
func (n *node) forward(from, to string) {
	ln, err := new(net.ListenConfig).Listen(n.t.Context(), "tcp", from)
	if err != nil {
		n.t.Fatal(err)
	}
	n.t.Cleanup(func() { ln.Close() })
	go func() {
		for {
			in, err := ln.Accept()
			if err != nil {
				return
			}
			go func() {
				defer in.Close()
				out, err := new(net.Dialer).Dial("tcp", to)
				if err != nil {
					return
				}
				defer out.Close()
				go func() { _, _ = io.Copy(out, in); out.Close() }()
				_, _ = io.Copy(in, out)
			}()
		}
	}()
}

// changed is a stack.yaml with some words changed.
func changed(t *testing.T, stack string, change func(map[string]any)) string {
	t.Helper()
	var m map[string]any
	if err := yaml.Unmarshal([]byte(stack), &m); err != nil {
		t.Fatal(err)
	}
	change(m)
	out, err := yaml.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}
