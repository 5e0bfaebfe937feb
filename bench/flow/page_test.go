package flow

import (
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFormsAreSentAsABrowserWould(t *testing.T) {
	const page = `<!doctype html><form action="/lang"><input name="back" value="/"></form>
		<form method="post" action="/login?flow=1&amp;x=2"><input type="hidden" name="csrf_token" value="a+b&#34;">
		<input type="text" name="identifier"><input name="password" type="password" value="">
		<input type="hidden" name="off" value="1" disabled><input type="checkbox" name="keep" value="true"><input type="checkbox" name="scope" value="email" checked>
		<input type="checkbox" name="scope" value="openid" checked><button type="button" name="show">Show</button>
		<button name="method" value="password" type="submit">Go</button><button name="method" value="other">Other</button></form>`
	f := formWith([]byte(page), "identifier", "password")
	if f == nil {
		t.Fatal("got no form, want the second one")
	}
	want := url.Values{"csrf_token": {`a+b"`}, "identifier": {""}, "password": {""}, "scope": {"email", "openid"}}
	if diff := cmp.Diff(want, f.fields); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
	if f.action != "/login?flow=1&x=2" || f.method != "POST" || f.button != "method" || f.value != "password" {
		t.Errorf("got %s %s by %s=%s, want the form's own and its first button", f.method, f.action, f.button, f.value)
	}
	if formWith([]byte(page), "back", "password") != nil {
		t.Error("got a form with fields of two, want none")
	}
}
