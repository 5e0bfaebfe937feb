package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"os"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/heap"
	"example.com/identityd/internal/logging"
	"example.com/identityd/internal/middleware"
	"example.com/identityd/internal/stack"
	"example.com/identityd/internal/systemd"
	"example.com/identityd/internal/why"
)

func (a *app) serve() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve everything",
		Long: `Serve Hydra, Kratos and the pages.

Without a file it serves the development profile: SQLite and secrets under ./identityd-data, plain
http on localhost.

SIGTERM or SIGINT stops it when all requests are answered, a second one at once. SIGHUP makes it look at
its file, which it does every few seconds by itself.`,
		Example: "  identityd serve\n  identityd serve --config stack.yaml",
		Args:    exactArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			started := heap.Start(a.getenv)
			manager, sockets, err := systemd.Take()
			if err != nil {
				return err
			}
			cfg, err := a.load()
			if err != nil {
				return err
			}
			a.warn(cfg)
			memory := why.NewMemory()
			log, level, err := newLogger(a.stderr, terminal(a.stderr), cfg.Logging, memory)
			if err != nil {
				return err
			}
			heap.Bound(cmd.Context(), log, a.getenv)
			newData := missing(cfg.DataDir)
			var s *stack.Stack
			s, err = stack.New(cmd.Context(), cfg, stack.Options{
				Log: log, Level: level, Manager: manager, Sockets: sockets, Memory: memory, Version: version, Reload: func() (config.Config, error) {
					// By its name: a file that is gone is not the same as none.
					return a.loadWith(func(o *config.Options) { o.File = cfg.Source })
				},
				OnReady: func() {
					if cfg.Profile == config.Development {
						banner(a.stdout, cfg, s.URLs(), newData)
					}
					go started() // a moment's work that no request has to wait for
				},
			})
			if err != nil {
				return err
			}
			// What takes the default would go around outbound: clients of services deep inside the engines.
			http.DefaultTransport = s.Outbound()
			return s.Run(cmd.Context())
		},
	}
	a.flags.register(cmd)
	return cmd
}

// logger writes to stderr: stdout belongs to what a command prints.
func (a *app) logger(l config.Logging) (*slog.Logger, error) {
	log, _, err := newLogger(a.stderr, terminal(a.stderr), l, nil)
	return log, err
}

// newLogger writes to w, which people read when it ends at a terminal, and returns the level as well. What it writes
// of requests is kept as well, where keep is not nil.
func newLogger(w io.Writer, people bool, l config.Logging, keep io.Writer) (*slog.Logger, *slog.LevelVar, error) {
	level, err := logging.ParseLevel(string(l.Level))
	if err != nil {
		return nil, nil, fmt.Errorf("reading logging.level: %w", err)
	}
	format := string(l.Format)
	if format == "" && people {
		format = logging.FormatText
	}
	log, lowest := logging.New(w, logging.Options{
		Level: level, Format: format, ContextAttrs: middleware.RequestIDAttrs, Keep: keep,
	})
	return log, lowest, nil
}

// terminal tells whether a person is at the other end of a stream.
func terminal(stream any) bool {
	f, ok := stream.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&fs.ModeCharDevice != 0
}

func missing(path string) bool {
	_, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist)
}
