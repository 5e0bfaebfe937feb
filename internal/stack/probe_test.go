package stack

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/doctor"
)

// asked is what /probe answers.
type asked struct {
	Word    string          `json:"word"`
	Arrival *doctor.Arrival `json:"arrival"`
}

func TestAProbeSaysHowItArrived(t *testing.T) {
	ask := func(s *Stack, method string) asked {
		t.Helper()
		w := httptest.NewRecorder()
		s.serveProbe(w, httptest.NewRequest(method, "/probe", nil))
		var out asked
		if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	for name, tt := range map[string]struct {
		trusted []string
		remote  string
		headers map[string]string
		want    doctor.Arrival
	}{
		"from nobody in between": {nil, "192.0.2.1:99", nil, doctor.Arrival{Peer: "192.0.2.1", Client: "192.0.2.1", Headers: []string{}}},
		"from a proxy that is trusted": {
			[]string{"10.0.0.0/8"},
			"10.0.0.5:99",
			map[string]string{"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "https"},
			doctor.Arrival{Peer: "10.0.0.5", Client: "198.51.100.7", Trusted: true, Headers: []string{"X-Forwarded-For", "X-Forwarded-Proto"}},
		},
		"from a socket that is trusted": {
			[]string{"unix"},
			"@",
			map[string]string{"X-Forwarded-For": "198.51.100.7"},
			doctor.Arrival{Client: "198.51.100.7", Trusted: true, Headers: []string{"X-Forwarded-For"}},
		},
		"from one that is not, and says nothing": {nil, "@", nil, doctor.Arrival{Headers: []string{}}},
		"from one that is not": {
			nil, "[::ffff:10.0.0.5]:99",
			map[string]string{"Forwarded": "for=198.51.100.7"},
			doctor.Arrival{Peer: "10.0.0.5", Client: "10.0.0.5", Headers: []string{"Forwarded"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			proxy := config.Proxy{Trusted: tt.trusted}
			s := &Stack{cfg: config.Config{Proxy: proxy}, clients: clientsBehind(proxy)}
			served := 0
			h := s.probed(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { served++ }))
			send := func(word string) {
				r := httptest.NewRequest(http.MethodGet, "/", nil)
				r.RemoteAddr = tt.remote
				r.Header.Set(doctor.ProbeHeader, word)
				for name, value := range tt.headers {
					r.Header.Set(name, value)
				}
				h.ServeHTTP(httptest.NewRecorder(), r)
			}
			send("early")
			word := ask(s, http.MethodPost).Word
			send("guess")
			send("")
			send(word)
			if served != 4 {
				t.Errorf("got %d requests behind it, want all 4", served)
			}
			got := ask(s, http.MethodGet).Arrival
			if diff := cmp.Diff(&tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if again := ask(s, http.MethodGet).Arrival; again != nil {
				t.Errorf("got %+v a second time", again)
			}
		})
	}
	t.Run("a word that was guessed is not taken for it", func(t *testing.T) {
		s := &Stack{clients: clientsBehind(config.Proxy{})}
		ask(s, http.MethodPost)
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set(doctor.ProbeHeader, "guess")
		s.probed(http.NotFoundHandler()).ServeHTTP(httptest.NewRecorder(), r)
		if got := ask(s, http.MethodGet).Arrival; got != nil {
			t.Errorf("got %+v", got)
		}
	})
}
