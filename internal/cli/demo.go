package cli

import (
	"errors"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/demo"
)

func (a *app) demo() *cobra.Command {
	cfg := demo.Config{Out: a.stdout}
	level := "warn"
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Serve a small application that signs in with identityd",
		Long: `Serve a small application that signs in with identityd and shows every request and token.

Against a development stack on this machine it registers its own client, ` + "`identityd-demo`" + `, at
Hydra's admin API; its secret is new with every run. Elsewhere give it a client with --client-id,
whose redirect address is <listen>/callback and whose logout address is <listen>/signed-out.`,
		Example: "  identityd serve      # in one terminal\n  identityd demo       # in another, then open http://localhost:5555",
		Args:    exactArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			log, err := a.logger(config.Logging{Level: config.LogLevel(level)})
			if err != nil {
				return &usageError{err}
			}
			cfg.Log = log
			ctx, stop := signal.NotifyContext(cmd.Context(), syscall.SIGINT, syscall.SIGTERM)
			defer stop()
			if err := demo.Run(ctx, cfg); errors.Is(err, demo.ErrArguments) {
				return &usageError{err}
			} else if err != nil {
				return err
			}
			return nil
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&cfg.Issuer, "issuer", demo.DefaultIssuer, "the provider's `URL`, as it writes it itself")
	flags.StringVar(&cfg.AdminURL, "hydra-admin", demo.DefaultAdminURL, "the `URL` of Hydra's admin API, to register the client and to introspect")
	flags.StringVar(&cfg.Listen, "listen", demo.DefaultListen, "the `address` on this machine to serve the application at")
	flags.StringVar(&cfg.ClientID, "client-id", "", "the `id` of a client to use instead of registering one")
	flags.StringVar(&cfg.ClientSecret, "client-secret", "", "the `secret` of that client; none for a public one")
	flags.StringVar(&level, "log-level", level, "the least `level` that is logged: debug, info, warn or error")
	values(cmd, "log-level", "debug", "info", "warn", "error")
	return cmd
}
