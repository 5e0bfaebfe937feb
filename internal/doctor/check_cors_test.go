package doctor

import (
	"net/http"
	"testing"
)

func TestCORS(t *testing.T) {
	for name, tt := range map[string]struct {
		origin, cookies string
		l               Level
		text            string
	}{
		"no headers":               {"", "", OK, "may not call"},
		"a list":                   {"https://app.example.com", "true", OK, "may not call"},
		"everybody with cookies":   {"*", "true", Fault, "with people's cookies"},
		"whoever asks, by cookies": {strangers, "true", Fault, "with people's cookies"},
		"whoever asks, without":    {strangers, "", Warning, "lets pages of any origin call"},
		"everybody without":        {"*", "", OK, "may not call"},
	} {
		t.Run(name, func(t *testing.T) {
			s := running(written(t, "profile: development\n"), serving(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Access-Control-Allow-Origin", tt.origin)
				w.Header().Set("Access-Control-Allow-Credentials", tt.cookies)
			}))
			wants(t, look(t, s, corsClosed()), tt.l, tt.text)
		})
	}
	s := running(written(t, "profile: development\n"), "http://"+closedPort(t))
	wants(t, look(t, s, corsClosed()), Skipped, "nobody answers")
}
