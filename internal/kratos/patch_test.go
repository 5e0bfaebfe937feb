package kratos

import (
	"encoding/json"
	"testing"

	jsonpatch "github.com/evanphx/json-patch/v5"
)

func TestWhatAPatchMayNotName(t *testing.T) {
	for name, c := range map[string]struct{ patch, want string }{
		"the traits":                          {`[{"op":"replace","path":"/traits/email","value":"a"}]`, ""},
		"the state":                           {`[{"op":"replace","path":"/state","value":"inactive"}]`, ""},
		"a trait of that name":                {`[{"op":"add","path":"/traits/credentials","value":"a"}]`, ""},
		"nothing":                             {`[]`, ""},
		"all credentials":                     {`[{"op":"remove","path":"/credentials"}]`, "credentials"},
		"one credential":                      {`[{"op":"add","path":"/credentials/password","value":{}}]`, "credentials"},
		"in other letters":                    {`[{"op":"add","path":"/Credentials/password","value":{}}]`, "credentials"},
		"in letters that fold to these":       {`[{"op":"add","path":"/credential\u017f/password","value":{}}]`, "credentials"},
		"with something before the slash":     {`[{"op":"add","path":"x/credentials/password","value":{}}]`, "credentials"},
		"the id in other letters":             {`[{"op":"add","path":"/ID","value":"b"}]`, "id"},
		"the second operation":                {`[{"op":"test","path":"/state"},{"op":"add","path":"/credentials/totp","value":{}}]`, "credentials"},
		"the last of two paths":               {`[{"op":"add","path":"/traits/a","path":"/credentials/x","value":{}}]`, "credentials"},
		"the whole identity":                  {`[{"op":"replace","path":"","value":{"Credentials":{}}}]`, "credentials"},
		"the whole identity, but not of that": {`[{"op":"replace","path":"","value":{"traits":{}}}]`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := deniedPath([]byte(c.patch))
			if err != nil || got != c.want {
				t.Errorf("got %q, %v, want %q", got, err, c.want)
			}
		})
	}
	for name, patch := range map[string]string{
		"no array": `{"op":"add"}`, "no path": `[{"op":"add"}]`, "a path without a slash": `[{"op":"add","path":"credentials"}]`,
		"two documents": `[][]`, "no JSON": `hello`, "the whole as a list": `[{"op":"add","path":"","value":[]}]`,
	} {
		t.Run(name+" is refused", func(t *testing.T) {
			if got, err := deniedPath([]byte(patch)); err == nil {
				t.Errorf("got %q and no error", got)
			}
		})
	}
}

// FuzzPatches holds the filter against the library: whatever passes must leave the credentials alone, read
// as Go reads it.
func FuzzPatches(f *testing.F) {
	for _, seed := range []string{
		`[{"op":"add","path":"/credentials/password","value":1}]`, `[{"op":"replace","path":"","value":{"a":1}}]`,
		`[{"op":"add","path":"x/Credentials/a","value":1}]`, `[{"op":"add","path":"/a~1b/c","value":1}]`,
		`[{"op":"remove","path":"/traits"}]`, `[{"op":"move","from":"/traits","path":"/state"}]`, `[{"op":"add","path":"/","value":1}]`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		what, err := deniedPath(raw)
		if err != nil || what != "" {
			return
		}
		patch, err := jsonpatch.DecodePatch(raw)
		if err != nil {
			return
		}
		for _, op := range patch {
			if op.Kind() == "move" || op.Kind() == "copy" {
				return // Kratos refuses both
			}
		}
		opts := jsonpatch.NewApplyOptions()
		opts.EnsurePathExistsOnAdd = true
		after, err := patch.ApplyWithOptions([]byte(`{"id":"1","traits":{"a":1},"state":"active"}`), opts)
		if err != nil {
			return
		}
		got := struct {
			ID          string          `json:"id"`
			Credentials json.RawMessage `json:"credentials"`
		}{}
		if json.Unmarshal(after, &got) == nil && (got.ID != "1" && got.ID != "" || got.Credentials != nil) {
			t.Errorf("%q passed and made %s", raw, after)
		}
	})
}
