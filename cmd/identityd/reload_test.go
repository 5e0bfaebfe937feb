//go:build unix

package main

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"example.com/identityd/internal/adminguard"
	"example.com/identityd/internal/scripttest"
	"example.com/identityd/internal/tried"
)

// TestTheFileChangesWhileItServes swaps the file as Kubernetes does, and breaks it in the ways that files
// break (fault 15).
func TestTheFileChangesWhileItServes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const secret = "a-secret-of-the-file-that-stays-unsaid"
	first, line, err := adminguard.New("first", []adminguard.Scope{adminguard.All})
	if err != nil {
		t.Fatal(err)
	}
	second, other, err := adminguard.New("second", []adminguard.Scope{adminguard.All})
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	good := func(level, tokens, more string) string {
		return "profile: development\nlogging: {level: " + level + "}\nadmin: {token_file: " + tokens + "}\n" +
			"clients: [{id: a, secret: " + secret + ", redirect_uris: [https://app.example.com/cb]}]\n" + more
	}
	write("tokens", line+"\n")
	write("tokens2", other+"\n")
	write("v1.yaml", good("info", "tokens", ""))
	place := func(version string) { // as a volume of Kubernetes changes: a link is replaced by another
		t.Helper()
		tmp := filepath.Join(dir, "..data_tmp")
		if err := os.Symlink(version, tmp); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(tmp, filepath.Join(dir, "stack.yaml")); err != nil {
			t.Fatal(err)
		}
	}
	place("v1.yaml")
	p := begin(t, dir, "reload", append(scripttest.AnyPort(), "PATH="+os.Getenv("PATH"), "GORACE="+os.Getenv("GORACE")))
	if err := p.Await("the line ready", func() bool { return p.Logs("ready") }); err != nil {
		t.Fatal(err)
	}
	ops, admin := p.Addresses()["ops"][0], p.Addresses()["hydra_admin"][0]
	metric := func(line string) bool { return strings.Contains(ask(t, "http://"+ops+"/metrics", ""), "\n"+line+"\n") }
	opens := func(token string) bool {
		return strings.HasPrefix(ask(t, "http://"+admin+"/admin/clients", token), "200")
	}
	until := func(what string, done func() bool) {
		t.Helper()
		if err := p.Await(what, done); err != nil {
			t.Fatal(err)
		}
	}
	hangup := func() {
		t.Helper()
		if err := p.Cmd.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
	}
	if !opens(first) || opens(second) {
		t.Fatal("the first token does not open alone")
	}

	for i, broken := range []struct{ name, text string }{
		{"half of the file", good("debug", "tokens2", "")[:90]},
		{"no YAML", "profile: [\n" + secret},
		{"an unknown word", good("debug", "tokens2", "nonsense: "+secret+"\n")},
		{"a file of tokens that is not there", good("debug", "nowhere", "")},
		{"a file of tokens that is none", good("debug", "v1.yaml", "")},
	} {
		write("broken.yaml", broken.text)
		place("broken.yaml")
		hangup()
		until(broken.name+" to be counted", func() bool {
			return metric("identityd_config_reload_failures_total " + string(rune('1'+i)))
		})
		if !opens(first) || opens(second) {
			t.Errorf("%s: the tokens are not those of before", broken.name)
		}
	}
	if err := os.Remove(filepath.Join(dir, "stack.yaml")); err != nil {
		t.Fatal(err)
	}
	until("the missing file to be counted, without a signal", func() bool { return metric("identityd_config_reload_failures_total 6") })

	write("v2.yaml", good("debug", "tokens2", "region: elsewhere\n"))
	place("v2.yaml")
	until("the next good file to apply, without a signal", func() bool { return opens(second) })
	if opens(first) {
		t.Error("the old token still opens")
	}
	until("the word that waits", func() bool { return metric("identityd_config_restart_needed 1") })
	log, err := os.ReadFile(p.Stderr)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"keys":["region"]`, `"keys":["admin.token_file","logging.level"]`, `"level":"DEBUG"`} {
		if !strings.Contains(string(log), want) && !strings.Contains(p.Said(), want) {
			t.Errorf("got no %s in the log", want)
		}
	}
	if strings.Contains(string(log), secret) {
		t.Error("the secret of the file is in the log")
	}
	place("v1.yaml")
	hangup()
	until("nothing to wait", func() bool { return metric("identityd_config_restart_needed 0") && opens(first) })
	tried.Report(t, "a configuration that is cut off, no YAML, unknown, names what is not there, is gone", "%d of 6 left the old one in force and were counted; the next good one applied", 6)
	if err := p.Cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if code, err := p.Wait(scripttest.StopBound); err != nil || code != 0 {
		t.Errorf("got code %d, %v, want a clean end", code, err)
	}
}

// ask returns the status and the body.
func ask(t *testing.T, address, token string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err.Error()
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return err.Error()
	}
	return res.Status + "\n" + string(body)
}
