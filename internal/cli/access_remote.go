package cli

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/socket"
)

// tokenFileVariable names the file of the token. IDENTITYD_ADMIN_TOKEN_FILE is admin.token_file, which holds
// the hashes of all tokens.
const tokenFileVariable = "IDENTITYD_TOKEN_FILE"

// elsewhere opens the admin APIs that the flags name.
func (a *app) elsewhere(cmd *cobra.Command) (*admin, error) {
	f := a.access
	token, err := f.token(a.getenv(tokenFileVariable))
	if err != nil {
		return nil, err
	}
	secure, err := f.tls()
	if err != nil {
		return nil, err
	}
	d := &admin{engine: map[string]*adminAPI{}, close: func() {}}
	for engine, written := range map[string]string{engineHydra: f.hydra, engineKratos: f.kratos} {
		flag := "--" + cmd.Annotations[engine]
		if written == "" {
			d.engine[engine] = &adminAPI{unknown: fmt.Errorf("this takes the admin API of %s as well; name it with %s", engine, flag)}
			continue
		}
		api, err := remoteAPI(written, secure)
		if err != nil {
			return nil, &usageError{fmt.Errorf("%s: %w", flag, err)}
		}
		api.token = token
		if token != "" && api.exposed() {
			fmt.Fprintf(a.stderr, "warning: the token goes to %s unencrypted; https is what keeps it secret\n", written)
		}
		d.engine[engine], d.way = api, api.at
	}
	return d, nil
}

// token reads the token, which is never an argument: those show in the list of processes.
func (f *accessFlags) token(variable string) (string, error) {
	file := f.tokenFile
	if file == "" {
		file = variable
	}
	if file == "" {
		return "", nil
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return "", &usageError{fmt.Errorf("--token-file: %w", err)}
	}
	token := strings.TrimSpace(string(raw))
	if token == "" || strings.ContainsAny(token, " \t\r\n") {
		return "", &usageError{fmt.Errorf("--token-file: %s holds no token alone; the file of admin.token_file has hashes, "+
			"this one has what identityd admin token showed", file)}
	}
	return token, nil
}

func (f *accessFlags) tls() (*tls.Config, error) {
	out := &tls.Config{MinVersion: tls.VersionTLS12}
	if f.caFile != "" {
		raw, err := os.ReadFile(f.caFile)
		if err != nil {
			return nil, &usageError{fmt.Errorf("--ca-file: %w", err)}
		}
		out.RootCAs = x509.NewCertPool()
		if !out.RootCAs.AppendCertsFromPEM(raw) {
			return nil, &usageError{fmt.Errorf("--ca-file: %s holds no certificate (PEM)", f.caFile)}
		}
	}
	if (f.certFile == "") != (f.keyFile == "") {
		return nil, &usageError{errors.New("--cert-file and --key-file go together")}
	}
	if f.certFile != "" {
		pair, err := tls.LoadX509KeyPair(f.certFile, f.keyFile)
		if err != nil {
			return nil, &usageError{fmt.Errorf("--cert-file: %w", err)}
		}
		out.Certificates = []tls.Certificate{pair}
	}
	return out, nil
}

// remoteAPI takes a URL as Ory's command lines do, without /admin, and the socket of a listener.
func remoteAPI(written string, secure *tls.Config) (*adminAPI, error) {
	base := http.Transport{TLSClientConfig: secure, ForceAttemptHTTP2: true, Proxy: http.ProxyFromEnvironment}
	if path, ok := strings.CutPrefix(written, "unix:"); ok {
		base.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) { return socket.Dial(ctx, path) }
		base.Proxy = nil
		return &adminAPI{base: "http://identityd", rt: &base, at: written}, nil
	}
	u, err := url.Parse(written)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil || u.RawQuery != "" {
		return nil, fmt.Errorf("must be http(s)://host:port or unix:/path (got %q)", written)
	}
	u.Path = strings.TrimSuffix(strings.TrimRight(u.Path, "/"), "/admin")
	return &adminAPI{base: u.String(), rt: &base, at: written}, nil
}

// exposed reports whether what is sent can be read on the way.
func (c *adminAPI) exposed() bool {
	u, err := url.Parse(c.base)
	if err != nil || u.Scheme == "https" || strings.HasPrefix(c.at, "unix:") {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() != "localhost" && (ip == nil || !ip.IsLoopback())
}
