package scripttest

import (
	"net/url"
	"os"

	"github.com/rogpeppe/go-internal/testscript"
)

// bearer client file gets an access token by client credentials, for a client whose secret is
// hunter2-hunter2-hunter2, and writes it to a file.
func (b *bench) bearer(ts *testscript.TestScript, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: bearer client file")
	}
	var issued struct {
		Token string `json:"access_token"`
	}
	form := url.Values{"grant_type": {"client_credentials"}}
	address, err := url.Parse(ts.Getenv("HYDRA") + "/oauth2/token")
	ts.Check(err)
	address.User = url.UserPassword(args[0], "hunter2-hunter2-hunter2")
	b.post(ts, address.String(), "application/x-www-form-urlencoded", form.Encode(), &issued)
	if issued.Token == "" {
		ts.Fatalf("got no token for %s", args[0])
	}
	b.secrets = append(b.secrets, issued.Token)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(issued.Token), 0o600))
}
