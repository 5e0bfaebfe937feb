package stacktest

import (
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"example.com/identityd/internal/inbox/smtptest"
	"example.com/identityd/internal/pgtest"
)

// The three names of a deployment. They resolve to nothing: the client connects to loopback whatever
// the name.
const (
	uiHost     = "ui.id.example.com"
	hydraHost  = "hydra.id.example.com"
	kratosHost = "kratos.id.example.com"
)

// production are the words of a deployment on three host names, public at the ports of the listeners.
func production(t *testing.T, public []net.Listener) []Option {
	t.Helper()
	return append(onPostgres(t, pgtest.Shared(t)), append(threeNames(public),
		Set("identity.verification", "optional"), Set("database.migrate", "empty"))...)
}

// threeNames are the words of production on three host names, without a database.
func threeNames(public []net.Listener) []Option {
	at := func(host string, ln net.Listener) string {
		return "https://" + net.JoinHostPort(host, strconv.Itoa(ln.Addr().(*net.TCPAddr).Port))
	}
	return append(
		inProduction(),
		Set("urls.ui", at(uiHost, public[0])),
		Set("urls.hydra", at(hydraHost, public[1])+"/"),
		Set("urls.kratos", at(kratosHost, public[2])),
	)
}

// inProduction are the words of production without addresses and without a database.
func inProduction() []Option {
	secret := strings.Repeat("0123456789abcdef", 2)
	return []Option{
		Set("profile", "production"),
		Set("secrets.system", secret[:31]+"S"),
		Set("secrets.cookie", secret[:31]+"C"),
		Set("secrets.cipher", secret[:31]+"K"),
		Set("identity.verification", "optional"),
		Set("shutdown.prestop", "0s"),
		Set("login.first.password.breach_check", "false"), // nothing leaves this machine in a test
	}
}

func TestJourneyInProductionBehindATLSProxy(t *testing.T) {
	public := Ports(t, 3)
	ca := NewAuthority(t, uiHost, hydraHost, kratosHost)
	s := Start(t, append(production(t, public), Set("proxy.trusted", "127.0.0.1"))...)
	local := func(name string) string { return "http://" + s.Address(name) }
	Proxy(t, public[0], ca, local("ui"))
	Proxy(t, public[1], ca, local("hydra_public"))
	Proxy(t, public[2], ca, local("kratos_public"))
	checkAdminConnections(t, s, s.Journey(t, client, 2, "-ca", ca.CAFile, "-connect", "127.0.0.1"))
	checkCookies(t, s)
	checkDoctor(t, s, ca)
}

// checkCookies looks at what a browser is given: Secure, and for the one domain the three names share.
func checkCookies(t *testing.T, s *Stack) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet,
		"http://"+s.Address("kratos_public")+"/self-service/login/browser", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer http.DefaultClient.CloseIdleConnections()
	defer res.Body.Close()
	cookies := res.Cookies()
	if len(cookies) == 0 {
		t.Fatalf("got no cookie, status %d", res.StatusCode)
	}
	for _, c := range cookies {
		if !c.Secure || !c.HttpOnly || c.Domain != "id.example.com" {
			t.Errorf("%s: got Secure %v, HttpOnly %v, Domain %q", c.Name, c.Secure, c.HttpOnly, c.Domain)
		}
	}
}

func TestJourneyInProductionWithTLSOfItsOwn(t *testing.T) {
	// Reserved and given back: the product itself binds them.
	public := Ports(t, 3)
	ca := NewAuthority(t, uiHost, hydraHost, kratosHost)
	opts := append(production(t, public),
		Set("tls.cert_file", ca.CertFile), Set("tls.key_file", ca.KeyFile))
	for i, name := range []string{"listen.ui", "listen.hydra_public", "listen.kratos_public"} {
		opts = append(opts, Set(name, public[i].Addr().String()))
		public[i].Close()
	}
	s := Start(t, opts...)
	s.Journey(t, client, 2, "-ca", ca.CAFile, "-connect", "127.0.0.1")
	if !strings.Contains(s.Log.String(), `"msg":"ready"`) {
		t.Error("the log does not say ready")
	}
}

// TestProductionMail sends a mail through a server that wants STARTTLS and a password. Go reads the
// roots it trusts once per process: the stack runs in a process of its own, told of the server's
// authority by SSL_CERT_FILE as an operator would.
func TestProductionMail(t *testing.T) {
	if url := os.Getenv("IDENTITYD_TEST_SMTP_URL"); url != "" {
		sendProductionMail(t, url)
		return
	}
	for name, how := range map[string]smtptest.Options{
		"STARTTLS and a password": {STARTTLS: true, User: "mailer", Password: "p@ss/word"},
		"TLS and a password":      {TLS: true, User: "mailer", Password: "p@ss/word"},
	} {
		t.Run(name, func(t *testing.T) {
			server := smtptest.Start(t, how)
			cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run", "^TestProductionMail$", "-test.v")
			cmd.Env = append(os.Environ(), "SSL_CERT_FILE="+server.CAFile(t), "IDENTITYD_TEST_SMTP_URL="+server.URL)
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			mails := server.Mails()
			if len(mails) == 0 {
				t.Fatal("the server got no mail")
			}
			got := mails[0]
			if !got.TLS || got.User != "mailer" || got.Code == "" || !strings.Contains(got.From, "no-reply@example.com") {
				t.Errorf("got TLS %v, user %q, from %q, code %q", got.TLS, got.User, got.From, got.Code)
			}
		})
	}
}

func sendProductionMail(t *testing.T, smtpURL string) {
	t.Helper()
	public := Ports(t, 3)
	ca := NewAuthority(t, uiHost, hydraHost, kratosHost)
	opts := append(threeNames(public), Set("mail.smtp_url", smtpURL), Set("mail.from", "no-reply@example.com"))
	s := Start(t, opts...)
	for i, name := range []string{"ui", "hydra_public", "kratos_public"} {
		Proxy(t, public[i], ca, "http://"+s.Address(name))
	}
	s.Journey(t, client, 1, "-ca", ca.CAFile, "-connect", "127.0.0.1")
	deadline := time.Now().Add(time.Minute)
	for {
		var sent []struct{ Status string }
		get(t, s.URLs.KratosAdmin+"/admin/courier/messages?status=sent", &sent)
		if len(sent) > 0 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("no mail was sent")
		}
	}
}
