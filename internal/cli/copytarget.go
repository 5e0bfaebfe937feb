package cli

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"example.com/identityd/internal/config"
)

// copyTarget says where a copy goes, in one of four ways.
type copyTarget struct{ url, file, env, config string }

// flag names the way that was taken.
func (t copyTarget) flag() (string, error) {
	var given []string
	for _, one := range [][2]string{{"--to", t.url}, {"--to-file", t.file}, {"--to-env", t.env}, {"--to-config", t.config}} {
		if one[1] != "" {
			given = append(given, one[0])
		}
	}
	switch len(given) {
	case 0:
		return "", errors.New("database copy needs a target: --to URL, --to-file FILE, --to-env NAME or --to-config FILE")
	case 1:
		return given[0], nil
	}
	return "", fmt.Errorf("%s cannot be given together; choose one", strings.Join(given, " and "))
}

// loadTarget returns the configuration whose databases are the target. With a URL it is that of the
// source but for the databases, so that the rules for database.url judge it.
func (a *app) loadTarget(t copyTarget) (config.Config, error) {
	flag, err := t.flag()
	if err != nil {
		return config.Config{}, &usageError{err}
	}
	if t.config != "" {
		return a.loadWith(func(o *config.Options) {
			o.File, o.Set, o.Environ = t.config, nil, withoutDatabase(o.Environ)
		})
	}
	target, err := a.targetURL(t)
	if err != nil {
		return config.Config{}, err
	}
	if u, err := url.Parse(t.url); err == nil && u.User != nil {
		if _, has := u.User.Password(); has {
			fmt.Fprintln(a.stderr, "warning: --to: everybody on this machine can read the password in the list of processes; use --to-file or --to-env")
		}
	}
	if folder, ok := strings.CutPrefix(target, "sqlite://"); ok && folder != "" && folder != ":memory:" {
		// From here, as the shell has it, not from the folder of the file.
		if folder, err = filepath.Abs(folder); err != nil {
			return config.Config{}, fmt.Errorf("reading working directory: %w", err)
		}
		target = "sqlite://" + folder
	}
	cfg, err := a.loadWith(func(o *config.Options) {
		o.Set["database.url"] = target
		for _, engine := range []string{"hydra", "kratos"} {
			for _, word := range []string{"url", "user", "password", "password_file"} {
				o.Set["database."+engine+"."+word] = ""
			}
		}
	})
	return cfg, renamed(err, flag)
}

// targetURL reads the URL from where it is.
func (a *app) targetURL(t copyTarget) (string, error) {
	switch {
	case t.url != "":
		return t.url, nil
	case t.env != "":
		if value := a.getenv(t.env); value != "" {
			return value, nil
		}
		return "", &usageError{fmt.Errorf("--to-env: the environment variable %s is empty or not set", t.env)}
	}
	var (
		raw []byte
		err error
	)
	const most = 64 << 10
	if t.file == "-" {
		raw, err = io.ReadAll(io.LimitReader(os.Stdin, most))
	} else {
		raw, err = os.ReadFile(t.file)
	}
	if err != nil {
		return "", fmt.Errorf("reading --to-file: %w", err)
	}
	if text := strings.TrimSpace(string(raw)); text != "" {
		return text, nil
	}
	return "", &usageError{fmt.Errorf("--to-file: %s is empty", t.file)}
}

// withoutDatabase leaves out what says where the source is.
func withoutDatabase(environ []string) []string {
	var out []string
	for _, pair := range environ {
		if !strings.HasPrefix(pair, "IDENTITYD_DATABASE_") {
			out = append(out, pair)
		}
	}
	return out
}

// renamed calls a problem with the URL by the flag that it came from.
func renamed(err error, flag string) error {
	var problems *config.Problems
	if !errors.As(err, &problems) {
		return err
	}
	for i, p := range problems.List {
		if p.Path == "database.url" {
			problems.List[i].Path = flag
			problems.List[i].Message = strings.TrimSuffix(p.Message, " [set by flag]")
		}
	}
	return problems
}

// generatedSecrets is the file that the secrets of a development profile are in; empty where the
// configuration has its own.
func generatedSecrets(c config.Config) string {
	if hasSecrets(c) {
		return ""
	}
	return filepath.Join(c.DataDir, "secrets.yaml")
}

func hasSecrets(c config.Config) bool {
	return len(c.Secrets.System) > 0 && len(c.Secrets.Cookie) > 0 && len(c.Secrets.Cipher) > 0
}
