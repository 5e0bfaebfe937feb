package hooks_test

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/identityd/internal/doctest"
	"example.com/identityd/internal/hooks"
)

// captured is one call as a receiver gets it.
type captured struct {
	Headers map[string]string `json:"headers"`
	Body    string            `json:"body"`
}

// TestTheSamplesOfThePageVerify runs what docs/hooks.md shows on a call of ours, and on one that was changed on
// the way.
func TestTheSamplesOfThePageVerify(t *testing.T) {
	samples := map[string]string{}
	for _, b := range doctest.Of(t, "docs/hooks.md") {
		samples[b.Language] = b.Text
	}
	call := capture(t)
	changed := call
	changed.Body = strings.Replace(call.Body, `"test":true`, `"test":null`, 1)
	if changed.Body == call.Body {
		t.Fatalf("got %s, want a test", call.Body)
	}
	for _, sample := range []struct{ language, file, before, after, run string }{
		{"go", "main.go", `package main
import ("crypto/hmac"; "crypto/sha256"; "encoding/base64"; "encoding/json"; "fmt"; "net/http"; "os"; "strconv"; "strings"; "time")
`, `
func main() {
	var c struct { Headers map[string]string; Body string }
	if err := json.NewDecoder(os.Stdin).Decode(&c); err != nil { panic(err) }
	h := http.Header{}
	for k, v := range c.Headers { h.Set(k, v) }
	fmt.Println(verify(os.Args[1], h, []byte(c.Body)))
}`, "go run main.go"},
		{"js", "main.mjs", "", `
import { readFileSync } from 'node:fs'
const c = JSON.parse(readFileSync(0, 'utf8'))
console.log(verify(process.argv[2], c.headers, c.body))`, "node main.mjs"},
		{"python", "main.py", "", `
import json, sys
c = json.load(sys.stdin)
print(str(verify(sys.argv[1], c["headers"], c["body"].encode())).lower())`, "python3 main.py"},
	} {
		t.Run(sample.language, func(t *testing.T) {
			program, args, _ := strings.Cut(sample.run, " ")
			if _, err := exec.LookPath(program); err != nil {
				t.Skipf("SKIP: no %s here", program)
			}
			code := samples[sample.language]
			if code == "" {
				t.Fatal("the page has no such sample")
			}
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, sample.file), []byte(sample.before+code+sample.after), 0o600); err != nil {
				t.Fatal(err)
			}
			for _, one := range []struct {
				what string
				call captured
				key  string
				want string
			}{
				{"a call of ours", call, secret, "true"},
				{"a body that was changed", changed, secret, "false"},
				{"another secret", call, "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "false"},
			} {
				raw, err := json.Marshal(one.call)
				if err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
				defer cancel()
				cmd := exec.CommandContext(ctx, program, append(strings.Fields(args), one.key)...) //nolint:gosec // one of three
				cmd.Dir, cmd.Stdin = dir, strings.NewReader(string(raw))
				out, err := cmd.Output()
				if got := strings.TrimSpace(string(out)); err != nil || got != one.want {
					t.Errorf("%s: got %s, %v, want %s", one.what, got, err, one.want)
				}
			}
		})
	}
}

func capture(t *testing.T) (out captured) {
	t.Helper()
	r := &receiver{answer: func(req *http.Request, body map[string]any) (int, string) {
		out.Headers = map[string]string{}
		for name := range req.Header {
			out.Headers[strings.ToLower(name)] = req.Header.Get(name)
		}
		return 204, ""
	}}
	keeping := roundTripper(func(req *http.Request) (*http.Response, error) {
		raw, err := readAndRestore(req)
		out.Body = raw
		if err != nil {
			return nil, err
		}
		return r.RoundTrip(req)
	})
	keys, err := hooks.ParseSecrets(newer + "\n" + secret)
	if err != nil {
		t.Fatal(err)
	}
	h := hooks.New(hooks.Config{Rows: &hooks.Memory{}, Way: keeping})
	h.Become([]hooks.Hook{{Name: "crm", On: []hooks.Event{hooks.LoginAfter}, URL: "http://receiver.example", Keys: keys, Timeout: time.Second}})
	if _, err := h.Test(t.Context(), "crm", ""); err != nil {
		t.Fatal(err)
	}
	return out
}
