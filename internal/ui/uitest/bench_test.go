package uitest_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"example.com/identityd/internal/ui/uitest"
)

// BenchmarkPages renders each state, engines that answer at once included.
//
//	go test -tags sqlite -run '^$' -bench Pages ./internal/ui/uitest
func BenchmarkPages(b *testing.B) {
	stage := uitest.NewStage(b, nil)
	for _, s := range uitest.States() {
		b.Run(s.Name, func(b *testing.B) {
			stage.Show(s)
			b.ReportAllocs()
			for b.Loop() {
				r := httptest.NewRequestWithContext(b.Context(), http.MethodGet, s.Target, nil)
				w := httptest.NewRecorder()
				stage.ServeHTTP(w, r)
				if w.Body.Len() == 0 {
					b.Fatalf("an empty page, status %d", w.Code)
				}
			}
		})
	}
}
