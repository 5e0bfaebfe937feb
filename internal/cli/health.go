package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
)

// defaultHealth is where listen.ops answers unless it is set otherwise.
const defaultHealth = "http://127.0.0.1:4437/health/ready"

// healthTime is shorter than the time limits of the programs that ask, so that they see our answer
// and not their own.
const healthTime = 4 * time.Second

func (a *app) health() *cobra.Command {
	at := defaultHealth
	cmd := &cobra.Command{
		Use:   "health",
		Short: "Ask a running identityd whether it is ready",
		Long: `Ask a running identityd whether it is ready. Exit code 0 when it is, 1 with the reasons otherwise.

It is the health check of containers, whose image has nothing else that could ask.`,
		Example: "  identityd health\n  identityd health --url http://127.0.0.1:4437/health/alive\n" +
			"  identityd health --url unix:/run/identityd/ops.sock",
		Args: exactArgs(cobra.NoArgs),
	}
	asJSON := jsonFlag(cmd)
	cmd.Flags().StringVar(&at, "url", defaultHealth, "the `address` to ask: a URL, or unix: and the path of a socket")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		ask, err := healthRequest(at)
		if err != nil {
			return &usageError{err}
		}
		ctx, cancel := context.WithTimeout(cmd.Context(), healthTime)
		defer cancel()
		err = ask(ctx)
		if *asJSON {
			return errors.Join(a.show(true, healthAnswer(err), nil), err)
		}
		if err == nil {
			fmt.Fprintln(a.stdout, "ready")
		}
		return err
	}
	return cmd
}

// healthAnswer is what health prints for programs; missing has the words of status --json.
func healthAnswer(err error) map[string]any {
	missing := map[string]string{}
	var why *notReady
	if errors.As(err, &why) {
		missing = why.missing
	}
	out := map[string]any{"ready": err == nil, "missing": missing}
	if err != nil {
		out["error"] = err.Error()
	}
	return out
}

// notReady is an identityd that runs, and what it waits for.
type notReady struct{ missing map[string]string }

// Error names everything that is missing.
func (e *notReady) Error() string {
	reasons := make([]string, 0, len(e.missing))
	for _, name := range slices.Sorted(maps.Keys(e.missing)) {
		reasons = append(reasons, name+": "+e.missing[name])
	}
	return "not ready: " + strings.Join(reasons, "; ")
}

// healthRequest reads the address and returns what asks there.
func healthRequest(at string) (func(context.Context) error, error) {
	transport := &http.Transport{DisableKeepAlives: true}
	shown, target := at, at
	if path, ok := strings.CutPrefix(at, "unix:"); ok {
		if path == "" {
			return nil, errors.New("--url unix: wants the path of a socket after it")
		}
		target = "http://identityd/health/ready"
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", path)
		}
	} else if u, err := url.Parse(at); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, fmt.Errorf("--url wants an http or https URL, as in %s, or unix:/path", defaultHealth)
	} else {
		if u.Path == "" || u.Path == "/" {
			u.Path = "/health/ready" // the root lists the paths, and answers 200 to whoever asks
			target = u.String()
		}
		shown = u.Redacted()
	}
	client := &http.Client{
		Transport: transport,
		// What answers with a redirect is not the ops listener.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return func(ctx context.Context) error { return askHealth(ctx, client, target, shown) }, nil
}

func askHealth(ctx context.Context, client *http.Client, target, shown string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return fmt.Errorf("asking %s: %w", shown, err)
	}
	res, err := client.Do(req)
	if err != nil {
		// The URL is in the error of the client already.
		var cause *url.Error
		if errors.As(err, &cause) {
			err = cause.Err
		}
		if errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("no answer from %s: %w; start identityd, or name the address of its listen.ops by --url", shown, err)
		}
		return fmt.Errorf("no answer from %s: %w", shown, err)
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusOK {
		return nil
	}
	var body struct {
		Errors map[string]string `json:"errors"`
	}
	raw, err := io.ReadAll(io.LimitReader(res.Body, 64<<10))
	if err != nil || json.Unmarshal(raw, &body) != nil || len(body.Errors) == 0 {
		return fmt.Errorf("%s answers %s", shown, res.Status)
	}
	return &notReady{body.Errors}
}
