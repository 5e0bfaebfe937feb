package scripttest

import (
	"fmt"
	"net/http"

	"github.com/rogpeppe/go-internal/testscript"

	"example.com/identityd/internal/htmltest"
)

// mailcode UI-URL waits until a mail with a code is on the inbox page, and prints the newest mail's
// subject and code, and where its button leads.
func (b *bench) mailCode(ts *testscript.TestScript, args []string) {
	if len(args) != 1 {
		ts.Fatalf("usage: mailcode URL")
	}
	var page *htmltest.Page
	ts.Check(b.process(ts, "identityd").Await("a mail with a code", func() bool {
		page, _ = b.open(ts, http.MethodGet, args[0]+"/account/inbox", nil)
		return len(page.All(".mails .code")) > 0
	}))
	code := page.Text(".mails li:first-child .code")
	b.secrets = append(b.secrets, code)
	fmt.Fprintf(ts.Stdout(), "%s\n%s\n%s\n",
		page.Text(".mails li:first-child .subject"), code, page.Attr(".mails li:first-child a.button", "href"))
}
