package hydra

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPromptsThatHydraDoesNotKnowGoToThePages(t *testing.T) {
	for name, tt := range map[string]struct{ asked, prompt, ours string }{
		"none of them":           {"prompt=login", "login", ""},
		"an account":             {"prompt=select_account", "", "select_account"},
		"an account and consent": {"prompt=select_account+consent", "consent", "select_account"},
		"a sign-up":              {"prompt=create", "registration", ""},
		"none with another":      {"prompt=none+select_account", "none select_account", ""},
		"a word of nobody's":     {"prompt=dance", "dance", ""},
		"no prompt":              {"x=y", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			var got url.Values
			next := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.URL.Query() })
			asked := httptest.NewRequest(http.MethodGet, "/oauth2/auth?client_id=app&state=s&"+tt.asked, nil)
			before := asked.URL.String()
			morePrompts(next).ServeHTTP(httptest.NewRecorder(), asked)
			if diff := cmp.Diff([]string{tt.prompt, tt.ours, "app", "s"},
				[]string{got.Get("prompt"), got.Get(PromptParam), got.Get("client_id"), got.Get("state")}); diff != "" {
				t.Error(diff)
			}
			if asked.URL.String() != before {
				t.Error("the request of the listener was changed")
			}
		})
	}
}

func TestTheErrorPageLearnsWhichApplicationAsked(t *testing.T) {
	const page = "https://id.example/error"
	for name, tt := range map[string]struct{ asked, sent, want string }{
		"the error page":            {"/oauth2/auth?client_id=app", page + "?error=x", page + "?client_id=app&error=x"},
		"an application":            {"/oauth2/auth?client_id=app", "https://app.example/?error=x", "https://app.example/?error=x"},
		"a page that begins alike":  {"/oauth2/auth?client_id=app", page + "s?error=x", page + "s?error=x"},
		"no application":            {"/oauth2/auth", page + "?error=x", page + "?error=x"},
		"another endpoint of Hydra": {"/oauth2/sessions/logout?client_id=app", page + "?error=x", page + "?error=x"},
	} {
		t.Run(name, func(t *testing.T) {
			next := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, tt.sent, http.StatusSeeOther)
			})
			w := httptest.NewRecorder()
			namingClient(page, next).ServeHTTP(w, httptest.NewRequest(http.MethodGet, tt.asked, nil))
			if got := w.Header().Get("Location"); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
