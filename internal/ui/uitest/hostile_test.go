package uitest_test

import (
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"example.com/identityd/internal/htmltest"
	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/ui/uitest"
)

// hostile is markup, a character that turns text round, one that ends it, an emoji, and too much.
var hostile = `"><script>alert(1)</script><img src=x onerror=alert(1)><b>` + "\u202e\x00\U0001F98A" + strings.Repeat("Ω", 3000)

// TestHostileTextsStayTextsOnEveryPage puts it into everything that somebody else chooses, in every
// state of every page.
func TestHostileTextsStayTextsOnEveryPage(t *testing.T) {
	stage := uitest.NewStage(t, nil)
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for _, s := range uitest.States() {
		t.Run(s.Name, func(t *testing.T) {
			address := stage.Show(s)
			honest, _ := get(t, client, address)
			stage.Alter(func(w *uitest.World) { spoil(reflect.ValueOf(w).Elem()) })
			status, body := get(t, client, address)
			if status != honest {
				t.Errorf("got status %d, want %d as with honest texts", status, honest)
			}
			page := htmltest.ParseString(t, body)
			page.Missing("[onerror], img[src=x], main script, main b, [href^='javascript:'], [src^='javascript:'], [action^='javascript:']")
			for _, n := range page.All("script") {
				if src, _ := htmltest.Attr(n, "src"); !strings.HasPrefix(src, "/") {
					t.Errorf("a script that is not ours: %q", htmltest.Text(n))
				}
			}
			if strings.Contains(page.Text("body"), "\u202e") {
				t.Error("a character that turns text round is shown")
			}
			if len(body) > 128<<10 {
				t.Errorf("the page has %d bytes: a text is not cut off", len(body))
			}
		})
	}
}

// kept are the texts of the engines by which pages tell what a thing is.
var kept = map[string]bool{
	"Type": true, "Group": true, "Name": true, "NodeType": true, "Action": true, "Method": true, "State": true, "Code": true,
	"RequestedAAL": true, "RedirectURIs": true, "RequestURL": true, "Subject": true, "ID": true, "Challenge": true, "AAL": true,
	"OnClickTrigger": true, "OnLoadTrigger": true, "Autocomplete": true, "By": true,
}

// spoil replaces every text below v.
func spoil(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			made := reflect.New(v.Type().Elem())
			made.Elem().Set(v.Elem())
			spoil(made.Elem())
			v.Set(made)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			field := v.Type().Field(i)
			own := v.Type() == reflect.TypeFor[identity.Client]() && field.Name != "RedirectURIs"
			if !field.IsExported() || kept[field.Name] && !own || v.Type().PkgPath() == "time" {
				continue
			}
			spoil(v.Field(i))
		}
	case reflect.Slice:
		made := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(made, v)
		for i := range made.Len() {
			spoil(made.Index(i))
		}
		if v.Len() > 0 {
			v.Set(made)
		}
	case reflect.Map:
		made := reflect.MakeMap(v.Type())
		for _, key := range v.MapKeys() {
			value := reflect.New(v.Type().Elem()).Elem()
			value.Set(v.MapIndex(key))
			spoil(value)
			made.SetMapIndex(key, value)
		}
		if v.Len() > 0 {
			v.Set(made)
		}
	case reflect.Interface:
		if text, ok := v.Interface().(string); ok && text != "" {
			v.Set(reflect.ValueOf(hostile))
		}
	case reflect.String:
		if v.String() != "" {
			v.SetString(hostile)
		}
	}
}

// TestHostileQueriesStayTexts is for the page that shows what its address says.
func TestHostileQueriesStayTexts(t *testing.T) {
	stage := uitest.NewStage(t, nil)
	q := url.Values{"error": {hostile[:200]}, "error_description": {hostile[:400]}, "error_hint": {hostile[:400]}}
	status, body := get(t, &http.Client{}, stage.Base+"/error?"+q.Encode())
	if status != http.StatusBadRequest {
		t.Errorf("got status %d, want 400", status)
	}
	htmltest.ParseString(t, body).Missing("main script, img, [onerror]")
}
