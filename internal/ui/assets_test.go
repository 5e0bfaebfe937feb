package ui

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestAssetsArePackedForWhoeverUnpacksThem(t *testing.T) {
	u := newUI(t, engines())
	for accept, want := range map[string]string{
		"gzip, deflate, br": "gzip", "br;q=1, GZIP;q=0.5": "gzip", "": "", "identity": "", "gzip;q=0": "", "gzip; q=0.0, br": "", "xgzip": "",
	} {
		r := httptest.NewRequest(http.MethodGet, u.assets.path("app.css"), nil)
		r.Header.Set("Accept-Encoding", accept)
		w := httptest.NewRecorder()
		u.ServeHTTP(w, r)
		if got := w.Header().Get("Content-Encoding"); got != want {
			t.Errorf("Accept-Encoding %q: got %q, want %q", accept, got, want)
		}
		if got := w.Header().Get("Vary"); got != "Accept-Encoding" {
			t.Errorf("Vary: got %q", got)
		}
		body := w.Body.Bytes()
		if want == "gzip" {
			unpacked, err := gzip.NewReader(bytes.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			if len(body) > 10<<10 {
				t.Errorf("packed, the stylesheet has %d bytes", len(body))
			}
			if body, err = io.ReadAll(unpacked); err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(body, u.assets.byHash[u.assets.byName["app.css"]].body) {
			t.Errorf("Accept-Encoding %q: another stylesheet arrives", accept)
		}
	}
}
