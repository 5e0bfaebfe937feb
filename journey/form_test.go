package main

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func testPage(t *testing.T, body string) *page {
	t.Helper()
	at, err := url.Parse("http://localhost:3000/consent?consent_challenge=x")
	if err != nil {
		t.Fatal(err)
	}
	res := reply{status: http.StatusOK, body: []byte(body), header: http.Header{
		"Content-Type":            {"text/html; charset=utf-8"},
		"Content-Security-Policy": {"default-src 'none'"},
	}}
	p, err := newPage(at, res)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestFormSendsWhatABrowserSends(t *testing.T) {
	tests := map[string]struct {
		body string
		want url.Values
	}{
		"hidden fields and the pressed button are sent": {
			`<input type=hidden name=c value=1><button name=a value=x>X</button><button name=a value=y>Y</button>`,
			url.Values{"c": {"1"}, "a": {"x"}},
		},
		"a ticked box sends its value or on, an unticked one nothing": {
			`<input type=checkbox name=s value=1 checked><input type=checkbox name=s value=2>
			<input type=checkbox name=t checked><button>Go</button>`,
			url.Values{"s": {"1"}, "t": {"on"}},
		},
		"Kratos' hidden false goes along with a ticked box": {
			`<input type=hidden name=b value=false><input type=checkbox name=b value=true checked><button>Go</button>`,
			url.Values{"b": {"false", "true"}},
		},
		"disabled fields are left out, also by their fieldset": {
			`<input name=a value=1 disabled><fieldset disabled><input name=b value=1></fieldset><button>Go</button>`,
			url.Values{},
		},
		"a select sends the chosen or the first option, a textarea its text": {
			`<select name=s><option value=1><option value=2 selected></select>
			<select name=u><option>first<option>second</select><textarea name=t>long</textarea><button>Go</button>`,
			url.Values{"s": {"2"}, "u": {"first"}, "t": {"long"}},
		},
		"fields without a name, and buttons that send nothing, are left out": {
			`<input value=1><button type=button name=n value=1>No</button><input type=submit name=a value=Go>`,
			url.Values{"a": {"Go"}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f, err := testPage(t, `<form method=post>`+test.body+`</form>`).form()
			if err != nil {
				t.Fatal(err)
			}
			with, err := f.press()
			if err != nil {
				t.Fatal(err)
			}
			got, err := f.values(with)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("values (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFormFindsFieldsThatBelongToItByID(t *testing.T) {
	f, err := testPage(t, `<form id=one action=/x></form><form id=two><input name=b form=one></form>
		<input name=a form=one><button form=one>Go</button>`).form("a", "b")
	if err != nil {
		t.Fatal(err)
	}
	got, want := []any{f.method, f.action.String(), len(f.fields)}, []any{"GET", "http://localhost:3000/x", 2}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("form (-want +got):\n%s", diff)
	}
}

func TestFormRefusesWhatAPersonCannotDo(t *testing.T) {
	f, err := testPage(t, `<form><input type=hidden name=h><input name=off disabled>
		<input name=must required><input type=checkbox name=s value=openid disabled checked>
		<input type=checkbox name=s value=email><button value=deny>Refuse</button></form>`).form("must")
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		do   func() error
		want string
	}{
		"typing into a hidden field":   {func() error { return f.fill("h", "x") }, "nobody can type"},
		"typing into a disabled field": {func() error { return f.fill("off", "x") }, "nobody can type"},
		"typing into a missing field":  {func() error { return f.fill("none", "x") }, "no field none"},
		"unticking a disabled box":     {func() error { return f.tick("s", "openid", false) }, "disabled"},
		"ticking a missing box":        {func() error { return f.tick("s", "phone", true) }, "no checkbox"},
		"tampering with a visible one": {func() error { return f.tamper("must", "x") }, "no hidden field"},
		"pressing a missing button": {func() error {
			_, err := f.press("allow")
			return err
		}, "no button allow"},
		"sending an empty required field": {func() error {
			with, err := f.press("deny")
			if err != nil {
				return err
			}
			_, err = f.values(with)
			return err
		}, "required and empty"},
	}
	for name, test := range tests {
		t.Run(name+" is refused", func(t *testing.T) {
			err := test.do()
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want it to mention %q", err, test.want)
			}
		})
	}
}

func TestPageWithTwoFittingFormsIsAmbiguous(t *testing.T) {
	_, err := testPage(t, `<form><input name=a></form><form><input name=a></form>`).form("a")
	if err == nil || !strings.Contains(err.Error(), "found 2") {
		t.Errorf("got error %v, want it to count two forms", err)
	}
}

func TestPageChecks(t *testing.T) {
	tests := map[string]struct{ body, want string }{
		"a script by address passes":            {`<script src="/a.js"></script>`, ""},
		"an inline script is found":             {`<script>alert(1)</script>`, "inline script"},
		"an event handler is found":             {`<p onclick="x()">`, "attribute onclick of <p>"},
		"a javascript link is found":            {`<a href=" JavaScript:x()">`, "attribute href of <a>"},
		"a button's javascript action is found": {`<button formaction="javascript:x()">`, "formaction"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := landing{page: testPage(t, test.body)}.wantPage(http.StatusOK)
			if (err == nil) != (test.want == "") ||
				(err != nil && !strings.Contains(err.Error(), test.want)) {
				t.Errorf("got error %v, want %q", err, test.want)
			}
		})
	}
}

func TestPageTextLeavesOutWhatNobodyReads(t *testing.T) {
	p := testPage(t, `<body><p role=alert>Wrong
		password</p><script src=x>no</script><style>no</style><b>Sign in</b></body>`)
	got, want := []string{p.text(), p.alerts()}, []string{"Wrong passwordSign in", "Wrong password"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("text and alerts (-want +got):\n%s", diff)
	}
	if seen := p.seen(); strings.Contains(seen, "challenge") {
		t.Errorf("the description %q shows the query", seen)
	}
}
