package ui

import (
	"html/template"
	"reflect"
	"sync"
	"testing"

	"example.com/identityd/internal/locale"
)

// made counts the templates that there are.
func made(p *pages) int {
	n := 0
	for _, field := range reflect.ValueOf(p).Elem().Fields() {
		n += field.Field(0).Elem().FieldByName("by").Len()
	}
	return n
}

// TestAStartMakesOnePage keeps starts fast: what nobody has asked for is not made.
func TestAStartMakesOnePage(t *testing.T) {
	u := newUIIn(t, engines(), locale.Languages()...)
	if got := made(u.pages); got != 1 {
		t.Errorf("after the start: got %d templates, want the one of the fallback", got)
	}
	newBrowser(t, u).getIn("de", "/login/help")
	if got := made(u.pages); got != 2 {
		t.Errorf("after a page: got %d templates, want one more", got)
	}
}

func TestAPageIsMadeOnceInEachLanguage(t *testing.T) {
	u := newUIIn(t, engines(), locale.Languages()...)
	const askers = 16
	found := make([]*template.Template, askers)
	var all sync.WaitGroup
	for i := range askers {
		all.Go(func() {
			tmpl, err := u.pages.Help.in([]string{"de", "fr"}[i%2])
			if err != nil {
				t.Error(err)
			}
			found[i] = tmpl
		})
	}
	all.Wait()
	for i := range askers {
		if found[i] == nil || found[i] != found[i%2] {
			t.Errorf("asker %d got another template than asker %d", i, i%2)
		}
	}
	if found[0] == found[1] {
		t.Error("two languages have one template")
	}
}
