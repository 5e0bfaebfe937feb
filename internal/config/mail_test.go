package config_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/identityd/internal/config"
)

const productionFile = `profile: production
proxy: {trusted: [127.0.0.1]}
urls: {ui: http://localhost:1, hydra: http://localhost:2, kratos: http://localhost:3}
secrets:
  system: [q0Zt7LrJkP2sVwXyB4nM9cDfGhA1uE6T]
  cookie: [r0Zt7LrJkP2sVwXyB4nM9cDfGhA1uE6T]
  cipher: [s0Zt7LrJkP2sVwXyB4nM9cDfGhA1uE6T]
`

func TestMailServers(t *testing.T) {
	const encode = "percent-encode ?, #, /, @ and % in user and password (%3F, %23, %2F, %40, %25)"
	for _, tt := range []struct {
		name, profile, url string
		want               string // the address as loaded
		bad                string
	}{
		{"smtps takes port 465 by itself", "production", "smtps://mail.example.com", "smtps://mail.example.com:465", ""},
		{"smtp takes port 587 by itself", "production", "smtp://u:p@mail.example.com/", "smtp://u:p@mail.example.com:587/", ""},
		{"a port that is written stays", "production", "smtp://u:p@mail.example.com:25", "smtp://u:p@mail.example.com:25", ""},
		{"an IPv6 address takes a port too", "production", "smtp://[::1]?disable_starttls=true", "smtp://[::1]:587?disable_starttls=true", ""},
		{"an encoded password stays encoded", "production", "smtps://a%40b:p%2Fq@mail:465", "smtps://a%40b:p%2Fq@mail:465", ""},
		{
			"a certificate of another name is said so", "production", "smtps://a.example.com:465/?server_name=b.example.com",
			"smtps://a.example.com:465/?server_name=b.example.com", "",
		},
		{
			"plain text to this machine is fine", "production", "smtp://localhost:25?disable_starttls=true",
			"smtp://localhost:25?disable_starttls=true", "",
		},
		{
			"plain text over the network is fine in development", "development", "smtp://mailpit:1025?disable_starttls=true",
			"smtp://mailpit:1025?disable_starttls=true", "",
		},
		{
			"plain text over the network is refused in production", "production", "smtp://mail:25?disable_starttls=true", "",
			"must not have disable_starttls=true in production unless the host is this machine; remove it",
		},
		{
			"an unverified certificate is refused in production", "production", "smtps://mail?skip_ssl_verify=true", "",
			"must not have skip_ssl_verify=true in production unless the host is this machine; remove it",
		},
		{
			"STARTTLS within TLS is refused", "development", "smtps://mail?disable_starttls=false", "",
			"must not have disable_starttls with smtps://, which is TLS from the start; remove it",
		},
		{"a parameter is true or false", "development", "smtp://mail?disable_starttls=yes", "", "must have true or false as disable_starttls"},
		{"a server name is a host name", "development", "smtp://mail?server_name=", "", "must have a host name as server_name"},
		{"an unknown parameter is refused", "development", "smtp://mail?disable_tls=true", "", "has an unknown parameter; did you mean disable_starttls?"},
		{"another scheme is refused", "development", "https://mail.example.com", "", "must begin with smtps:// (TLS) or smtp:// (STARTTLS)"},
		{"a bare host is refused", "development", "mail.example.com:25", "", "must begin with smtps:// (TLS) or smtp:// (STARTTLS)"},
		{"no host is refused", "development", "smtp://u:p@:25", "", "must name one host; write smtp://user:password@mail.example.com"},
		{"two hosts are refused", "development", "smtp://a,b", "", "must name one host; write smtp://user:password@mail.example.com"},
		{"a path is refused", "development", "smtp://mail/inbox", "", "must not have a path; cut it after the port"},
		{"a password alone is refused", "development", "smtp://:hunter2@mail", "", "has a password without a user; write smtp://user:password@host"},
		{"an unencoded @ is refused", "development", "smtp://u:hun@ter2@mail", "", "has an unencoded character in user or password; " + encode},
		{"a lone % is refused", "development", "smtp://u:hunter2%@mail", "", "has a % in user or password that begins no escape; " + encode},
		{
			"a space is refused", "development", "smtp://u:hunter 2@mail", "",
			"has a character that belongs percent-encoded; write %20 for a space and so on",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := "profile: development\n"
			if tt.profile == "production" {
				file = productionFile
			}
			opts := config.Options{
				Dir:     write(t, map[string]string{"stack.yaml": file + "mail: {from: a@example.com, smtp_url_file: smtp}\n", "smtp": tt.url + "\n"}),
				Environ: []string{},
			}
			if tt.bad != "" {
				if diff := cmp.Diff([]string{"mail.smtp_url_file: " + tt.bad}, problems(t, opts)); diff != "" {
					t.Errorf("problems differ (-want +got):\n%s", diff)
				}
				return
			}
			cfg := load(t, opts)
			if got := cfg.Mail.SMTPURL.Reveal(); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestMailIsAskedForWhereItIsNeeded(t *testing.T) {
	const required = "mail.smtp_url: must be set in production while addresses have to be verified; " +
		"set mail.smtp_url, or identity.verification: optional"
	httpMail := "kratos: {courier: {delivery_strategy: http, http: {request_config: {url: https://mail.example.com}}}}\n"
	for _, tt := range []struct {
		name, file string
		want       []string
		warnings   int
	}{
		{"production verifies, so it sends", productionFile, []string{required}, 0},
		{"without verification it is only warned of", productionFile + "identity: {verification: optional}\n", nil, 1},
		{
			"recovery sends, too",
			productionFile + "identity: {verification: optional}\nkratos: {selfservice.flows.recovery.enabled: true}\n",
			[]string{"mail.smtp_url: must be set because recovery sends mail; set mail.smtp_url, or remove kratos.selfservice.flows.recovery.enabled"},
			0,
		},
		{"a web service of the kratos block sends", productionFile + httpMail, nil, 0},
		{
			"a sender has to be named in production", productionFile + "mail: {smtp_url: smtps://mail}\n",
			[]string{"mail.from: must be set with mail.smtp_url; write the sender, such as no-reply@example.com"},
			0,
		},
		{"development sends to its inbox", "profile: development\nidentity: {verification: required}\n", nil, 0},
		{
			"a username alone cannot be verified",
			productionFile + "identity: {schema: username}\nmail: {smtp_url: smtps://mail, from: a@example.com}\n", nil, 1,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			opts := config.Options{Dir: write(t, map[string]string{"stack.yaml": tt.file})}
			if diff := cmp.Diff(tt.want, problems(t, opts)); diff != "" {
				t.Fatalf("problems differ (-want +got):\n%s", diff)
			}
			if len(tt.want) > 0 {
				return
			}
			if got := load(t, opts).Warnings; len(got) != tt.warnings {
				t.Errorf("got warnings %v, want %d", got, tt.warnings)
			}
		})
	}
}

func TestWhoKeepsTheMail(t *testing.T) {
	for _, tt := range []struct {
		name, file   string
		inbox, sends bool
	}{
		{"development keeps it", "profile: development\n", true, true},
		{"a server takes it in development", "profile: development\nmail: {smtp_url: smtp://mail}\n", false, true},
		{"a channel takes it in development", "profile: development\nkratos: {courier: {channels: [{id: email, type: http}]}}\n", false, true},
		{"another delivery strategy does not", "profile: development\nkratos: {courier: {delivery_strategy: smtp}}\n", true, true},
		{"production has no inbox", productionFile + "identity: {verification: optional}\n", false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg := load(t, config.Options{Dir: write(t, map[string]string{"stack.yaml": tt.file})})
			if cfg.Inbox() != tt.inbox || cfg.SendsMail() != tt.sends {
				t.Errorf("got inbox %t and mail %t, want %t and %t", cfg.Inbox(), cfg.SendsMail(), tt.inbox, tt.sends)
			}
		})
	}
}
