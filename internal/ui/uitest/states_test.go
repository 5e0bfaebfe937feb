package uitest_test

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"example.com/identityd/internal/ui/uitest"
)

func TestEveryRouteHasAState(t *testing.T) {
	stage := uitest.NewStage(t, nil)
	routes := stage.UI.Routes()
	known, names := map[string]bool{}, map[string]bool{}
	for _, s := range uitest.States() {
		known[s.Route] = true
		if names[s.Name] {
			t.Errorf("two states are named %s", s.Name)
		}
		names[s.Name] = true
		if s.Shown == nil && !slices.Contains(routes, s.Route) {
			t.Errorf("state %s is of a route that does not exist: %s", s.Name, s.Route)
		}
	}
	without := uitest.NoPages()
	for _, route := range routes {
		if strings.HasPrefix(route, "POST ") {
			continue // answers with a redirect, or with a page that a state shows
		}
		if !known[route] && without[route] == "" {
			t.Errorf("%s has no state in internal/ui/uitest: add one, so that axe, screenshots and the weight are of it too", route)
		}
	}
}

// TestEveryStateIsThePageItSays keeps the table honest: a state that ends at the error page by
// mistake would be looked at, and found to be accessible.
func TestEveryStateIsThePageItSays(t *testing.T) {
	stage := uitest.NewStage(t, nil)
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for _, s := range uitest.States() {
		t.Run(s.Name, func(t *testing.T) {
			status, body := get(t, client, stage.Show(s))
			want := s.Status
			if want == 0 {
				want = http.StatusOK
			}
			if status != want {
				t.Errorf("got status %d, want %d:\n%s", status, want, body)
			}
			if !strings.Contains(body, "</html>") {
				t.Errorf("the page is not whole:\n%s", body)
			}
			if !strings.HasPrefix(s.Name, "error") && !strings.HasPrefix(s.Name, "too-many") {
				return
			}
			for _, said := range []string{uitest.ErrorCode(t.Context(), want), uitest.RequestID(t.Context())} {
				if !strings.Contains(body, `<code dir="ltr">`+said+"</code>") {
					t.Errorf("%q is not at the foot of the page:\n%s", said, body)
				}
			}
		})
	}
}

func get(t *testing.T, client *http.Client, address string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}
