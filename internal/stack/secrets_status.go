package stack

import (
	"context"
	"fmt"
	"strings"
	"time"

	"example.com/identityd/internal/config"
	"example.com/identityd/internal/sealing"
	"example.com/identityd/internal/secrets"
	"example.com/identityd/internal/store"
)

// SecretStatus is what there is to know of one secret. Its value is not among it.
type SecretStatus struct {
	Kind        string `json:"kind"`
	Fingerprint string `json:"fingerprint"`
	// Role is sealing, opening, or added for one that was added and not promoted yet.
	Role string `json:"role"`
	// Made is when it was made; nil where nobody wrote that down.
	Made *time.Time `json:"made"`
	// Needed says that something would be lost with it.
	Needed bool             `json:"needed"`
	Until  *time.Time       `json:"needed_until"`
	Rows   map[string]int64 `json:"rows"`
	// Sessions are sign-ins whose cookies it may have sealed.
	Sessions int64    `json:"sessions"`
	Reasons  []string `json:"reasons"`
}

// SecretsStatus is what there is to know of all of them.
type SecretsStatus struct {
	Source    string         `json:"source"`
	Secrets   []SecretStatus `json:"secrets"`
	Processes []string       `json:"processes"`
	Warnings  []string       `json:"warnings"`
}

// ReadSecretsStatus compares the secrets of the configuration with what the databases hold.
func ReadSecretsStatus(ctx context.Context, cfg config.Config, opts Options) (SecretsStatus, error) {
	out := SecretsStatus{Source: SecretsPath(cfg), Secrets: []SecretStatus{}, Processes: []string{}, Warnings: secretWarnings(cfg)}
	if ownSecrets(cfg) && cfg.Secrets.File == "" {
		out.Source = "the configuration"
	}
	k, err := secretsInForce(cfg)
	if err != nil {
		return SecretsStatus{}, err
	}
	needs, readers, err := lookForCommand(ctx, cfg, opts, k)
	if err != nil {
		return SecretsStatus{}, err
	}
	pending := pendingPrints(cfg, k)
	now := time.Now()
	for _, n := range needs {
		s := SecretStatus{
			Kind: n.Kind, Fingerprint: n.Fingerprint, Role: "opening", Needed: n.Needed(now), Rows: n.Tables,
			Sessions: n.Sessions, Reasons: append([]string{}, n.Reasons(now)...),
		}
		switch {
		case n.Position == 0:
			s.Role = "sealing"
		case pending[n.Fingerprint]:
			s.Role, s.Needed, s.Reasons = "added", true, []string{"it waits to be promoted: identityd secrets rotate --stage promote"}
		}
		if !n.Made.IsZero() {
			s.Made = &n.Made
		}
		if n.Until.After(now) {
			s.Until = &n.Until
		}
		out.Secrets = append(out.Secrets, s)
	}
	for _, r := range readers {
		out.Processes = append(out.Processes, r.Holder)
	}
	for _, who := range sealing.Strangers(readers, listOf(needs)) {
		out.Warnings = append(out.Warnings, "a serving process does not know a secret of this file: "+who+"; restart it with this file")
	}
	return out, nil
}

// secretsInForce are those of the configuration, and the generated ones where there are any. None are made.
func secretsInForce(cfg config.Config) (keys, error) {
	k := keys{system: reveal(cfg.Secrets.System), cookie: reveal(cfg.Secrets.Cookie), cipher: reveal(cfg.Secrets.Cipher)}
	if ownSecrets(cfg) {
		return k, nil
	}
	f, err := secrets.Open(SecretsPath(cfg))
	if err != nil {
		return keys{}, err
	}
	for kind, list := range map[string]*[]string{"system": &k.system, "cookie": &k.cookie, "cipher": &k.cipher} {
		if len(*list) > 0 {
			continue
		}
		for _, s := range f.List(kind) {
			*list = append(*list, s.Value)
		}
	}
	return k, nil
}

// lookForCommand counts beside a serving process, and changes nothing.
func lookForCommand(ctx context.Context, cfg config.Config, opts Options, k keys) ([]sealing.Need, []sealing.Reader, error) {
	dbs, err := openForCommand(ctx, cfg, opts.Log)
	if err != nil {
		return nil, nil, err
	}
	defer dbs.close()
	d, err := sealedIn(cfg, dbs, k)
	if err != nil {
		return nil, nil, err
	}
	needs, _, err := d.Look(ctx, ledgerOf(dbs), secretKeep(cfg), false)
	if err != nil {
		return nil, nil, unmigratedSecrets(err, dbs.dialect)
	}
	readers, err := ledgerOf(dbs).Readers(ctx)
	return needs, readers, err
}

func sealedIn(cfg config.Config, dbs databases, k keys) (sealing.Databases, error) {
	list, seals := secretList(cfg, k)
	others, err := sealedByOthers(dbs, k)
	return sealing.Databases{
		Hydra: dbs.hydra, Kratos: dbs.kratos, Dialect: dbs.dialect, Secrets: list, Seals: seals, Others: others,
	}, err
}

func ledgerOf(dbs databases) sealing.Ledger {
	return sealing.Ledger{DB: dbs.kratos, Dialect: dbs.dialect}
}

// unmigratedSecrets words that tables are missing.
func unmigratedSecrets(err error, d store.Dialect) error {
	if store.TableMissing(err, d) {
		return unmigrated(err, d)
	}
	return err
}

func listOf(needs []sealing.Need) []sealing.Secret {
	var out []sealing.Secret
	for _, n := range needs {
		out = append(out, n.Secret)
	}
	return out
}

// pendingPrints are the fingerprints of secrets that were added and not promoted.
func pendingPrints(cfg config.Config, k keys) map[string]bool {
	out, made := map[string]bool{}, madeDates(cfg)
	for kind, values := range k.kinds() {
		var list []secrets.Secret
		for _, v := range values {
			list = append(list, secrets.Secret{Value: v, Made: made[v]})
		}
		if len(list) > 0 {
			if i := secrets.Pending(list); i >= 0 {
				out[secrets.Fingerprint(kind, list[i].Value)] = true
			}
		}
	}
	return out
}

// secretWarnings are those of the configuration about secrets: short, default, doubled, readable by others.
func secretWarnings(cfg config.Config) []string {
	out := []string{}
	for _, w := range cfg.Warnings {
		if strings.HasPrefix(w.Path, "secrets.") {
			out = append(out, w.Path+": "+w.Message)
		}
	}
	k, err := secretsInForce(cfg)
	if err != nil {
		return out
	}
	for _, kind := range secrets.Kinds() {
		seen := map[string]bool{}
		for i, v := range k.kinds()[kind] {
			if len(v) != 32 {
				out = append(out, fmt.Sprintf("secrets.%s[%d]: has %d bytes, want 32", kind, i, len(v)))
			}
			if seen[v] {
				out = append(out, fmt.Sprintf("secrets.%s[%d]: is there twice; take one out", kind, i))
			}
			seen[v] = true
		}
	}
	return out
}
