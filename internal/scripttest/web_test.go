package scripttest

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"example.com/identityd/internal/htmltest"
)

// get [-until] [-accept type] [-socket path] status|refused URL fetches an address with the script's
// browser, without following redirects, and prints status, headers and body. With -until it tries
// again until the status is the wanted one.
func (b *bench) get(ts *testscript.TestScript, args []string) {
	var until bool
	var accept, socket, header string
	args = options(ts, args, func(f *flag.FlagSet) {
		f.BoolVar(&until, "until", false, "")
		f.StringVar(&accept, "accept", "*/*", "")
		f.StringVar(&socket, "socket", "", "")
		f.StringVar(&header, "header", "", "")
	})
	if len(args) != 2 {
		ts.Fatalf("usage: get [-until] [-accept type] [-socket path] [-header 'Name: value'] status|refused URL")
	}
	req, err := http.NewRequestWithContext(b.tb.Context(), http.MethodGet, args[1], nil)
	ts.Check(err)
	req.Header.Set("Accept", accept)
	if name, value, ok := strings.Cut(header, ": "); ok {
		req.Header.Set(name, value)
		if name == "Host" {
			req.Host = value
		}
	}
	client := *b.browser
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if socket != "" {
		dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", ts.MkAbs(socket))
		}
		client.Transport = &http.Transport{DialContext: dial, DisableKeepAlives: true}
	}
	var status, page string
	try := func() bool {
		status, page = fetch(&client, req)
		return status == args[0]
	}
	if until {
		ts.Check(b.process(ts, "identityd").Await(args[0]+" from "+args[1], try))
	} else if !try() {
		ts.Fatalf("%s answered %s, want %s:\n%s", args[1], status, args[0], page)
	}
	fmt.Fprint(ts.Stdout(), page)
}

// fetch returns the status, or "refused", and everything that came.
func fetch(client *http.Client, req *http.Request) (status, page string) {
	res, err := client.Do(req)
	if err != nil {
		return "refused", err.Error()
	}
	defer res.Body.Close()
	var text strings.Builder
	fmt.Fprintln(&text, res.Proto, res.Status)
	if err := res.Header.Write(&text); err != nil {
		return "broken", err.Error()
	}
	text.WriteString("\n")
	if _, err := io.Copy(&text, res.Body); err != nil {
		return "broken", err.Error()
	}
	return strconv.Itoa(res.StatusCode), strings.ReplaceAll(text.String(), "\r\n", "\n")
}

// signup URL e-mail password signs a person up the way a browser without JavaScript does: from the
// home page to the form, with what the form holds. It prints what the last page says.
func (b *bench) signUp(ts *testscript.TestScript, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: signup URL e-mail password")
	}
	home, at := b.open(ts, http.MethodGet, args[0], nil)
	link, err := at.Parse(home.Attr(`a[href="/registration"]`, "href"))
	ts.Check(err)
	page, at := b.open(ts, http.MethodGet, link.String(), nil)
	const selector = `form:has(input[name="password"])`
	form := page.Form(selector)
	for _, name := range []string{"traits.email", "password"} {
		if _, ok := form.Fields[name]; !ok {
			ts.Fatalf("the form has no field %s: %s", name, page)
		}
	}
	b.secrets = append(b.secrets, args[2], form.Fields.Get("csrf_token"), at.Query().Get("flow"))
	form.Fields.Set("traits.email", args[1])
	form.Fields.Set("password", args[2])
	// The first button is the one that Enter presses.
	button := page.All(selector + ` button[type="submit"]`)[0]
	name, _ := htmltest.Attr(button, "name")
	value, _ := htmltest.Attr(button, "value")
	form.Fields.Set(name, value)
	action, err := at.Parse(form.Action)
	ts.Check(err)
	page, at = b.open(ts, strings.ToUpper(form.Method), action.String(), form.Fields)
	for _, c := range b.browser.Jar.Cookies(at) {
		b.secrets = append(b.secrets, c.Value)
	}
	fmt.Fprintf(ts.Stdout(), "%s\n%s\n", at.Path, page.Text("main"))
}

// open follows redirects to a page and returns it with its address.
func (b *bench) open(ts *testscript.TestScript, method, address string, fields url.Values) (*htmltest.Page, *url.URL) {
	req, err := http.NewRequestWithContext(b.tb.Context(), method, address, strings.NewReader(fields.Encode()))
	ts.Check(err)
	req.Header.Set("Accept", "text/html")
	if fields != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := b.browser.Do(req)
	ts.Check(err)
	defer res.Body.Close()
	page := htmltest.Parse(scriptTB{b.tb, ts}, res.Body)
	if res.StatusCode != http.StatusOK {
		ts.Fatalf("%s %s ended at %s with %s:\n%s", method, address, res.Request.URL, res.Status, page)
	}
	return page, res.Request.URL
}

// scriptTB lets failures of htmltest name the line of the script.
type scriptTB struct {
	testing.TB

	ts *testscript.TestScript
}

// Fatalf implements testing.TB.
func (s scriptTB) Fatalf(format string, args ...any) { s.ts.Fatalf(format, args...) }

// token hydra-admin hydra makes an application and gets it an access token by client credentials. It
// prints the lifetime.
func (b *bench) token(ts *testscript.TestScript, args []string) {
	if len(args) != 2 {
		ts.Fatalf("usage: token hydra-admin hydra")
	}
	var app struct {
		ID     string `json:"client_id"`
		Secret string `json:"client_secret"`
	}
	b.post(ts, args[0]+"/admin/clients", "application/json",
		`{"grant_types":["client_credentials"],"token_endpoint_auth_method":"client_secret_post"}`, &app)
	var issued struct {
		Token     string `json:"access_token"`
		ExpiresIn int    `json:"expires_in"`
	}
	form := url.Values{
		"grant_type": {"client_credentials"}, "client_id": {app.ID}, "client_secret": {app.Secret},
	}
	b.post(ts, args[1]+"/oauth2/token", "application/x-www-form-urlencoded", form.Encode(), &issued)
	if slices.Contains([]string{app.ID, app.Secret, issued.Token}, "") {
		ts.Fatalf("got the application %q with a secret of %d bytes and a token of %d bytes",
			app.ID, len(app.Secret), len(issued.Token))
	}
	b.secrets = append(b.secrets, app.Secret, issued.Token)
	fmt.Fprintf(ts.Stdout(), "expires_in %d\n", issued.ExpiresIn)
}

// send status URL file posts the JSON of a file.
func (b *bench) send(ts *testscript.TestScript, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: send status URL file")
	}
	req, err := http.NewRequestWithContext(b.tb.Context(), http.MethodPost, args[1], strings.NewReader(ts.ReadFile(args[2])))
	ts.Check(err)
	req.Header.Set("Content-Type", "application/json")
	status, page := fetch(b.browser, req)
	if status != args[0] {
		ts.Fatalf("POST %s answered %s, want %s:\n%s", args[1], status, args[0], page)
	}
	fmt.Fprint(ts.Stdout(), page)
}

func (b *bench) post(ts *testscript.TestScript, address, kind, body string, into any) {
	req, err := http.NewRequestWithContext(b.tb.Context(), http.MethodPost, address, strings.NewReader(body))
	ts.Check(err)
	req.Header.Set("Content-Type", kind)
	res, err := b.browser.Do(req)
	ts.Check(err)
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	ts.Check(err)
	if res.StatusCode/100 != 2 {
		ts.Fatalf("POST %s: %s\n%s", address, res.Status, raw)
	}
	ts.Check(json.Unmarshal(raw, into))
}
