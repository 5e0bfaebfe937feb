package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"time"
)

// addresses are where the product answers. HydraAdmin is empty when the admin listeners are off.
type addresses struct {
	UI         string `json:"ui"`
	Hydra      string `json:"hydra"`
	HydraAdmin string `json:"hydra_admin"`
	Kratos     string `json:"kratos"`
}

// givenClient is a client that somebody else registered, for use when the admin listeners are off.
type givenClient struct {
	ID                    string `json:"client_id"`
	Secret                string `json:"client_secret"`
	Name                  string `json:"client_name"`
	RedirectURI           string `json:"redirect_uri"`
	PostLogoutRedirectURI string `json:"post_logout_redirect_uri"`
}

type options struct {
	addresses addresses
	client    *givenClient
	parallel  int
	timeout   time.Duration
	json      bool
	// connect replaces the IP address of every host name, for names that only a test knows.
	connect string
	// roots are PEM certificates trusted besides the system's.
	roots []byte
}

func parseOptions(args []string, stderr io.Writer) (options, error) {
	opts := options{}
	flags := flag.NewFlagSet("journey", flag.ContinueOnError)
	flags.SetOutput(stderr)
	where := flags.String("addresses", "", "JSON object with ui, hydra, hydra_admin and kratos")
	client := flags.String("client", "", "JSON object with client_id, client_secret, redirect_uri and "+
		"post_logout_redirect_uri, for use when hydra_admin is empty")
	flags.IntVar(&opts.parallel, "parallel", 1, "how many journeys run at once")
	flags.DurationVar(&opts.timeout, "timeout", 2*time.Minute, "how long all of them may take")
	flags.BoolVar(&opts.json, "json", false, "print the report as JSON")
	flags.StringVar(&opts.connect, "connect", "", "connect to this IP address, whatever the host name")
	roots := flags.String("ca", "", "file with PEM certificates to trust besides the system's")
	if err := flags.Parse(args); err != nil {
		return opts, err
	}
	if flags.NArg() > 0 {
		return opts, fmt.Errorf("unexpected argument %q: everything is a flag", flags.Arg(0))
	}
	if opts.connect != "" && net.ParseIP(opts.connect) == nil {
		return opts, fmt.Errorf("-connect: must be an IP address (got %q)", opts.connect)
	}
	if *roots != "" {
		pem, err := os.ReadFile(*roots)
		if err != nil {
			return opts, fmt.Errorf("-ca: %w", err)
		}
		opts.roots = pem
	}
	if opts.parallel < 1 {
		return opts, fmt.Errorf("-parallel: must be at least 1 (got %d)", opts.parallel)
	}
	if err := strictJSON(*where, &opts.addresses); err != nil {
		return opts, fmt.Errorf("-addresses: %w", err)
	}
	if *client != "" {
		opts.client = &givenClient{}
		if err := strictJSON(*client, opts.client); err != nil {
			return opts, fmt.Errorf("-client: %w", err)
		}
	}
	return opts, opts.validate()
}

func (o options) validate() error {
	required := map[string]string{
		"ui": o.addresses.UI, "hydra": o.addresses.Hydra, "kratos": o.addresses.Kratos,
	}
	for _, name := range []string{"ui", "hydra", "kratos"} {
		if err := checkURL(required[name]); err != nil {
			return fmt.Errorf("-addresses: %s: %w", name, err)
		}
	}
	switch {
	case o.addresses.HydraAdmin == "" && o.client == nil:
		return errors.New("-addresses: hydra_admin: is empty, so -client must name a registered client")
	case o.addresses.HydraAdmin != "" && o.client != nil:
		return errors.New("-client: hydra_admin is given too: journeys make clients of their own there")
	case o.addresses.HydraAdmin != "":
		if err := checkURL(o.addresses.HydraAdmin); err != nil {
			return fmt.Errorf("-addresses: hydra_admin: %w", err)
		}
	case o.client.ID == "" || o.client.Secret == "":
		return errors.New("-client: client_id and client_secret must be set")
	default:
		for _, uri := range []string{o.client.RedirectURI, o.client.PostLogoutRedirectURI} {
			if err := checkURL(uri); err != nil {
				return fmt.Errorf("-client: redirect_uri and post_logout_redirect_uri: %w", err)
			}
		}
	}
	return nil
}

func checkURL(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return fmt.Errorf("must be a URL: %w", err)
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.RawQuery != "" {
		return fmt.Errorf("must be an http or https URL (got %q)", address)
	}
	return nil
}

// strictJSON refuses unknown keys, because a misspelled one would silently switch a check off.
func strictJSON(text string, into any) error {
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("must be a JSON object: %w", err)
	}
	return nil
}
