package main

import (
	"crypto/sha256"
	"encoding/base64"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func s256(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

const (
	allOn    = `{"ui":"http://localhost:1","hydra":"http://localhost:2","hydra_admin":"http://localhost:3","kratos":"http://localhost:4"}`
	adminOff = `{"ui":"http://localhost:1","hydra":"http://localhost:2","kratos":"http://localhost:4"}`
	client   = `{"client_id":"a","client_secret":"b","redirect_uri":"http://127.0.0.1:1/c","post_logout_redirect_uri":"http://127.0.0.1:1/d"}`
)

func TestOptions(t *testing.T) {
	tests := map[string]struct {
		args []string
		want string
	}{
		"all listeners on":            {[]string{"-addresses", allOn, "-parallel", "16"}, ""},
		"admin off with a client":     {[]string{"-addresses", adminOff, "-client", client}, ""},
		"admin off without a client":  {[]string{"-addresses", adminOff}, "-client must name"},
		"admin on with a client":      {[]string{"-addresses", allOn, "-client", client}, "hydra_admin is given too"},
		"no addresses":                {nil, "-addresses"},
		"a misspelled address":        {[]string{"-addresses", `{"iu":"http://x"}`}, `unknown field "iu"`},
		"an address without a scheme": {[]string{"-addresses", `{"ui":"localhost:3000"}`}, "ui: must be an http"},
		"a client without a redirect": {[]string{"-addresses", adminOff, "-client", `{"client_id":"a","client_secret":"b"}`}, "redirect_uri"},
		"a client without a secret":   {[]string{"-addresses", adminOff, "-client", `{"client_id":"a"}`}, "client_secret"},
		"no journeys":                 {[]string{"-addresses", allOn, "-parallel", "0"}, "at least 1 (got 0)"},
		"an argument that is no flag": {[]string{"-addresses", allOn, "more"}, `unexpected argument "more"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := parseOptions(test.args, io.Discard)
			if (err == nil) != (test.want == "") || (err != nil && !strings.Contains(err.Error(), test.want)) {
				t.Errorf("got error %v, want %q", err, test.want)
			}
		})
	}
}

func TestOptionsHaveDefaults(t *testing.T) {
	got, err := parseOptions([]string{"-addresses", allOn}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]any{1, 2 * time.Minute, false}, []any{got.parallel, got.timeout, got.json}); diff != "" {
		t.Errorf("defaults (-want +got):\n%s", diff)
	}
}

func TestBadUsageExitsWithTwo(t *testing.T) {
	if got := run(t.Context(), []string{"-nonsense"}, io.Discard, io.Discard); got != 2 {
		t.Errorf("got exit code %d, want 2", got)
	}
}

func TestRedactorHidesSecretsAndWhatLooksLikeThem(t *testing.T) {
	hide := &redactor{}
	hide.learn("hunter2", "")
	tests := map[string]struct{ text, want string }{
		"a known secret":       {"the password hunter2 was refused", "the password *** was refused"},
		"an unknown token":     {"got ory_at_" + strings.Repeat("a1", 20) + " back", "got *** back"},
		"an ordinary sentence": {"http://localhost:3000/login with status 200", "http://localhost:3000/login with status 200"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := hide.clean(test.text); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
