package cli

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"example.com/identityd/internal/control"
	"example.com/identityd/internal/incident"
	"example.com/identityd/internal/stack"
)

// leakFlags say what else to do about a copy.
type leakFlags struct {
	secrets, factors, recovery bool
	since                      string
}

func (a *app) incidentDatabaseCopy() *cobra.Command {
	var (
		how playing
		f   leakFlags
	)
	cmd := &cobra.Command{
		Use:   "database-copy",
		Short: "Do what a copy of the databases in other hands asks for",
		Long: `Say what somebody has who has a copy of the databases, or a backup: of each thing how much of it there is,
whether it is sealed, hashed or plain, and what it opens. Then end what it opens: sessions, codes of
mails, tokens. Secrets, if they went with it (--with-secrets), and signing keys are replaced. Second
factors and passwords go if you say so, since people have to make new ones.`,
		Example: "  identityd incident database-copy\n  identityd incident database-copy --reset-second-factors --yes\n" +
			"  identityd incident database-copy --with-secrets --force-recovery --since 2026-11-20 --yes --json",
		Args: exactArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			filter := everyToken()
			if f.since != "" {
				at, err := moment(f.since)
				if err != nil {
					return &usageError{fmt.Errorf("--since: %w", err)}
				}
				filter.After = &at
			}
			o, err := a.open()
			if err != nil {
				return err
			}
			d, err := a.admin(cmd.Context(), o)
			if err != nil {
				return err
			}
			defer d.Close()
			c := &copyLeak{app: a, o: o, d: d, flags: f, filter: filter}
			p, err := c.playbook(cmd.Context())
			if err != nil {
				return err
			}
			return a.play(cmd, p, how, &made{})
		},
	}
	a.flags.register(cmd)
	how.register(cmd)
	cmd.Flags().BoolVar(&f.secrets, "with-secrets", false, "the secrets (secrets.file) went with it")
	cmd.Flags().BoolVar(&f.factors, "reset-second-factors", false, "take away authenticator apps and recovery codes of everybody")
	cmd.Flags().BoolVar(&f.recovery, "force-recovery", false, "take away all passwords: people choose new ones by a code of a mail")
	cmd.Flags().StringVar(&f.since, "since", "", "end tokens issued since this `moment` only, such as when the copy was made")
	return cmd
}

// copyLeak is one use of the command.
type copyLeak struct {
	app    *app
	o      opened
	d      *admin
	flags  leakFlags
	filter tokenFilter
}

// control is what the process has besides the admin APIs.
func (c *copyLeak) control() *adminAPI {
	return &adminAPI{base: control.Base, rt: c.d.Hydra().rt, at: c.d.way}
}

func (c *copyLeak) playbook(ctx context.Context) (incident.Playbook, error) {
	p := incident.Playbook{Incident: "database-copy"}
	var has incident.Copied
	if err := c.control().Call(ctx, http.MethodGet, "/incident/database-copy", nil, &has); err != nil {
		return p, fmt.Errorf("counting what a copy has in it: %w", err)
	}
	p.Facts = copyFacts(has, c.flags.secrets)
	var tokens endedTokens
	if err := c.d.Hydra().Call(ctx, http.MethodPost, "/admin/identityd/tokens/preview", c.filter, &tokens); err != nil {
		return p, fmt.Errorf("counting tokens: %w", err)
	}
	p.Steps = []incident.Step{
		{
			Name: "end-sessions", Does: fmt.Sprintf("end %s", countOf(int(has.Sessions), "session")), Do: c.end("end-sessions", "session"),
			Costs: "everybody is signed out here and signs in again; applications are not told and keep their own sessions until they need a token.",
		},
		{
			Name: "end-codes", Does: fmt.Sprintf("end %s of mails", countOf(int(has.Codes), "code and link")), Do: c.end("end-codes", "row"),
			Costs: "who is about to type a code asks for another one; who is at a provider right now begins again.",
		},
		{
			Name: "end-tokens", Does: fmt.Sprintf("end %s, which whoever used a session of the copy may have got", tokens), Do: c.endTokens,
			Costs: "people sign in at their applications again." + jwtCosts(tokens),
		},
	}
	if c.flags.factors {
		p.Steps = append(p.Steps, incident.Step{
			Name: "reset-second-factors", Does: fmt.Sprintf("take away %s and the recovery codes of %s", countOf(int(has.TOTP), "authenticator app"), people(has.RecoveryCodes)),
			Costs: "they set up a second factor again, after signing in by the first one alone; passkeys and security keys stay.", Do: c.end("reset-second-factors", "credential"),
		})
	}
	if c.flags.recovery {
		p.Steps = append(p.Steps, incident.Step{
			Name: "force-recovery", Does: fmt.Sprintf("take away the passwords of %s", people(sum(has.Passwords))),
			Costs: "they recover the account by a code of a mail and choose a new password; who has an address that no mail reaches needs identityd identity recovery-link. Passkeys and providers go on working.",
			Do:    c.end("force-recovery", "password"),
		})
	}
	if c.flags.secrets {
		steps, err := c.secretSteps(ctx)
		if err != nil {
			return p, err
		}
		p.Steps = append(p.Steps, steps...)
	}
	p.Left = c.left(has)
	return p, nil
}

// end asks the process for a step.
func (c *copyLeak) end(step, what string) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		var done stack.Ended
		err := c.control().Call(ctx, http.MethodPost, "/incident/database-copy/"+step, nil, &done)
		return countOf(int(done.Rows), what), err
	}
}

func (c *copyLeak) endTokens(ctx context.Context) (string, error) {
	done, err := endAll(ctx, c.d, c.filter)
	return done.String() + " ended", err
}

// secretSteps replace what seals, in an order in which nothing is lost but what has to be.
func (c *copyLeak) secretSteps(ctx context.Context) ([]incident.Step, error) {
	sets := []string{setID, setAccess}
	keys, _, err := keySteps(ctx, c.d, sets)
	if err != nil {
		return nil, err
	}
	rotate := func(stage, done string) func(context.Context) (string, error) {
		return func(ctx context.Context) (string, error) {
			r, err := stack.RotateSecrets(ctx, c.o.cfg, c.o.opts, stack.RotateOptions{Stage: stage, Force: true})
			if err == nil && !r.Changed {
				return "there was nothing to do in " + r.Path, nil
			}
			return done + " in " + r.Path, err
		}
	}
	restart := incident.Step{Does: "bring the new file of secrets to every process and restart all of them", Costs: "a restart."}
	first, second := restart, restart
	first.Name, second.Name = "restart", "restart-again"
	return slices.Concat(keys, []incident.Step{
		{
			Name: "rotate-secrets", Does: "put new secrets first in " + stack.SecretsPath(c.o.cfg) + "; the leaked ones go on opening what they sealed", Do: rotate("", "new secrets are first"),
			Costs: "nothing yet.",
		},
		first,
		{
			Name: "reseal", Does: "seal signing keys and tokens of providers anew with the new secrets", Costs: "nothing.",
			Do: func(ctx context.Context) (string, error) {
				done, err := stack.ResealSecrets(ctx, c.o.cfg, c.o.opts)
				var n int64
				for _, t := range done {
					n += t.Resealed
				}
				return countOf(int(n), "row") + " sealed anew", err
			},
		},
		{
			Name: "drop-secrets", Does: "take the leaked secrets out of the file", Do: rotate("drop", "the leaked secrets are out"),
			Costs: "after the next restart every cookie, code and token that they signed ends: everybody signs in again, at applications too.",
		},
		second,
	}), nil
}

func (c *copyLeak) left(has incident.Copied) []string {
	out := []string{
		fmt.Sprintf("The names, addresses and other traits of %s are in it in plain. The law may want it reported, in the EU within 72 hours (GDPR article 33), and the people told (article 34).", people(has.Identities)),
		"Close the way by which it went, and change the passwords of the database users (database.*) and of the place where backups are.",
	}
	if !c.flags.factors && has.TOTP+has.RecoveryCodes > 0 {
		out = append(out, "Authenticator apps and recovery codes are in it in plain: with --reset-second-factors they go. Until then a second factor of this kind proves nothing against who has the copy.")
	}
	if !c.flags.recovery && len(has.Passwords) > 0 {
		out = append(out, "Passwords can be guessed offline: ask people to choose new ones, or take them away with --force-recovery.")
	}
	if has.Clients > 0 {
		out = append(out, fmt.Sprintf("Secrets of %s are hashed: long random ones hold; replace those that somebody made up: identityd incident client-secret CLIENT.", countOf(int(has.Clients), "client")))
	}
	if c.flags.secrets && has.Providers > 0 {
		out = append(out, "The tokens that providers gave were readable: revoke them at the providers, and replace the client secrets under login.providers and the password of mail.smtp_url if they went along.")
	}
	return out
}

// copyFacts says of each thing how it is kept and what it gives.
func copyFacts(has incident.Copied, withSecrets bool) []string {
	sealed := func(without, with string) string {
		if withSecrets {
			return with
		}
		return without
	}
	var hashes []string
	for _, name := range slices.Sorted(maps.Keys(has.Passwords)) {
		hashes = append(hashes, fmt.Sprintf("%s %d", name, has.Passwords[name]))
	}
	strength := "argon2id, bcrypt and scrypt make each guess dear, pbkdf2 and others less"
	if len(hashes) == 0 {
		hashes = []string{"none"}
	}
	return []string{
		"Who has a copy of the databases has:",
		fmt.Sprintf("  %s, with traits and addresses: plain.", countOf(int(has.Identities), "identity record")),
		fmt.Sprintf("  passwords (%s): hashed; guessed one by one, offline (%s).", strings.Join(hashes, ", "), strength),
		fmt.Sprintf("  %s: plain tokens, good for the API of Kratos at once (Q152).", countOf(int(has.Sessions), "session")),
		fmt.Sprintf("  %s and recovery codes of %s: plain (Q153).", countOf(int(has.TOTP), "authenticator app"), people(has.RecoveryCodes)),
		fmt.Sprintf("  %s: public halves, of no use to others.", countOf(int(has.Passkeys), "set")+" of passkeys and security keys"),
		fmt.Sprintf("  %s in tables: hashed with a secret%s; and %s as they were sent, with codes in plain.", countOf(int(has.Codes), "code or link"),
			sealed("", ", which they have, so that short codes are found at once"), countOf(int(has.Mails), "mail")),
		fmt.Sprintf("  %s and %s: signatures alone, which make no token (RFC 6749 tokens are random); their details %s.", countOf(int(has.Access), "access token"),
			countOf(int(has.Refresh), "refresh token"), sealed("are sealed", "can be read")),
		fmt.Sprintf("  secrets of %s: hashed.", countOf(int(has.Clients), "client")),
		fmt.Sprintf("  %s: %s.", countOf(int(has.SigningKeys), "signing key"), sealed("sealed with a secret that they do not have", "SEALED WITH A SECRET THAT THEY HAVE: whoever has both signs what verifies")),
		fmt.Sprintf("  tokens of %s: %s.", countOf(int(has.Providers), "account")+" at providers", sealed("sealed", "can be read")),
		"  addresses and browsers in the audit trail: " + sealed("sealed.", "can be read."),
	}
}

func people(n int64) string {
	if n == 1 {
		return "1 person"
	}
	return fmt.Sprintf("%d people", n)
}

func sum(m map[string]int64) (n int64) {
	for _, v := range m {
		n += v
	}
	return n
}
