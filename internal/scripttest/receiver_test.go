package scripttest

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"
)

// receiver NAME STATUS sets NAME to the port of a server that answers everything with that status until the script ends.
func (b *bench) receiver(ts *testscript.TestScript, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: receiver NAME STATUS")
	}
	status, err := strconv.Atoi(args[1])
	ts.Check(err)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
	b.tb.Cleanup(s.Close)
	u, err := url.Parse(s.URL)
	ts.Check(err)
	ts.Setenv(args[0], u.Port())
}
