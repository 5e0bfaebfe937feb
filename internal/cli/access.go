package cli

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/control"
	"example.com/identityd/internal/stack"
)

// The engines, as the flags and the paths of the control socket call them.
const (
	engineHydra  = "hydra"
	engineKratos = "kratos"
)

// accessFlags say where the admin APIs are, when not here.
type accessFlags struct {
	hydra, kratos     string
	tokenFile, caFile string
	certFile, keyFile string
}

// register adds the flags. --endpoint is the admin API of first, as in Ory's own command lines, which know
// one engine each; a command that asks the other one too has a flag for it.
func (f *accessFlags) register(cmd *cobra.Command, first string, others ...string) {
	to := map[string]*string{engineHydra: &f.hydra, engineKratos: &f.kratos}
	called := map[string]string{first: "endpoint"}
	for _, other := range others {
		called[other] = other + "-endpoint"
	}
	for engine, flag := range called {
		cmd.Flags().StringVar(to[engine], flag, "", "the `URL` of "+strings.ToUpper(engine[:1])+engine[1:]+"'s admin API, of an identityd elsewhere")
	}
	cmd.Annotations = map[string]string{engineHydra: called[engineHydra], engineKratos: called[engineKratos]}
	cmd.Flags().StringVar(&f.tokenFile, "token-file", "", "the `file` of the admin token for it (default $IDENTITYD_TOKEN_FILE)")
	cmd.Flags().StringVar(&f.caFile, "ca-file", "", "the `file` of the authority that its certificate is of")
	cmd.Flags().StringVar(&f.certFile, "cert-file", "", "the `file` of a certificate to show it")
	cmd.Flags().StringVar(&f.keyFile, "key-file", "", "the `file` of the key of that certificate")
}

// remote reports whether the flags name an identityd elsewhere.
func (f *accessFlags) remote() bool { return f.hydra != "" || f.kratos != "" }

// admin is both admin APIs, by one of three ways.
type admin struct {
	// way says by which, for people.
	way    string
	engine map[string]*adminAPI
	close  func()
}

// Hydra is Hydra's admin API.
func (d *admin) Hydra() *adminAPI { return d.engine[engineHydra] }

// Kratos is that of Kratos.
func (d *admin) Kratos() *adminAPI { return d.engine[engineKratos] }

// Close waits for what goes on behind the last call, where that is in this process.
func (d *admin) Close() { d.close() }

// reach opens the admin APIs for a command that needs nothing else of the configuration. One that asks
// elsewhere needs none at all.
func (a *app) reach(cmd *cobra.Command) (*admin, error) {
	if a.access.remote() {
		return a.elsewhere(cmd)
	}
	o, err := a.open()
	if err != nil {
		return nil, err
	}
	return a.admin(cmd.Context(), o)
}

// admin opens the admin APIs: through the control socket of the identityd that serves from data_dir, or,
// where none does, in this process.
func (a *app) admin(ctx context.Context, o opened) (*admin, error) {
	c, err := control.Dial(o.cfg.DataDir)
	if err == nil {
		return adminVia("the control socket of "+o.cfg.DataDir, c.Transport(), func() {}), nil
	}
	var not *control.NotRunningError
	if !errors.As(err, &not) {
		return nil, fmt.Errorf("reaching the identityd that serves from %s: %w", o.cfg.DataDir, err)
	}
	inside, err := stack.OpenInside(ctx, o.cfg, o.opts)
	if err != nil {
		return nil, fmt.Errorf("opening the databases: %w", err)
	}
	return adminVia("the databases, since no identityd serves from "+o.cfg.DataDir, inside.Transport(), func() { inside.Close(ctx) }), nil
}

func adminVia(way string, rt http.RoundTripper, done func()) *admin {
	d := &admin{way: way, close: done, engine: map[string]*adminAPI{}}
	for _, engine := range []string{engineHydra, engineKratos} {
		d.engine[engine] = &adminAPI{base: control.Base + "/" + engine, rt: rt, at: way}
	}
	return d
}
