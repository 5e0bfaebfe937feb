package uitest_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"example.com/identityd/internal/alloctest"
	"example.com/identityd/internal/ui/uitest"
)

// TestWhatAPageCosts holds the pages that everybody meets to what they allocate, the test's own response included.
func TestWhatAPageCosts(t *testing.T) {
	bounds := map[string]float64{"login": 950, "consent": 1100}
	stage := uitest.NewStage(t, nil)
	for _, s := range uitest.States() {
		most, ok := bounds[s.Name]
		if !ok {
			continue
		}
		delete(bounds, s.Name)
		t.Run(s.Name, func(t *testing.T) {
			stage.Show(s)
			alloctest.AtMost(t, most, func() {
				w := httptest.NewRecorder()
				stage.ServeHTTP(w, httptest.NewRequest(http.MethodGet, s.Target, http.NoBody))
				if w.Body.Len() == 0 {
					t.Fatalf("an empty page, status %d", w.Code)
				}
			})
		})
	}
	if len(bounds) > 0 {
		t.Errorf("no such pages: %v", bounds)
	}
}
