package kratos

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	kdriver "github.com/ory/kratos/driver"
	"github.com/ory/kratos/hash"
	kidentity "github.com/ory/kratos/identity"
	"github.com/ory/kratos/selfservice/flow/login"
	"github.com/ory/kratos/selfservice/strategy/password"
	ksession "github.com/ory/kratos/session"
	"github.com/ory/x/sqlcon"
)

// renewing is Kratos' way to sign in with a password, and hashes the password anew where the stored hash falls
// behind today's settings: one of fewer passes or less memory, or one of another system's that was imported.
//
// Upstream looks at the name of the algorithm alone, and stores the new hash by writing the whole person again as it
// was read, so that a password that was changed meanwhile comes back (docs/ory-quirks.md#q131).
type renewing struct {
	labeled
	engine *Engine
}

// passwordStrategy is what signs in and up with passwords.
func (e *Engine) passwordStrategy(d any) any {
	r, ok := d.(*kdriver.RegistryDefault)
	if !ok {
		return password.NewStrategy(d)
	}
	s := password.NewStrategy(passwordDeps{outgoing{r, e}})
	if e.cfg.OldHashes {
		return s
	}
	return renewing{newLabeled(s, r), e}
}

// Login implements login.Strategy.
func (s renewing) Login(
	w http.ResponseWriter, r *http.Request, f *login.Flow, had *ksession.Session,
) (*kidentity.Identity, error) {
	i, err := s.Strategy.Login(w, r, f, had)
	if err != nil {
		return i, err
	}
	renewed, renewal := s.engine.renew(r.Context(), i, []byte(fields(r).Get("password")))
	if renewal != nil {
		// The person has signed in, and the next sign-in tries again.
		s.engine.cfg.Log.WarnContext(r.Context(), "a password could not be hashed anew", "err", renewal)
	} else if renewed {
		s.engine.cfg.Log.DebugContext(r.Context(), "a password was hashed anew")
	}
	return i, nil
}

// renew hashes the password that a person has just signed in with as today's settings say, where the stored hash
// falls behind them, and puts it in the place of that very hash: whoever changes the password meanwhile wins. Nothing
// else of the person changes, the date of the password neither.
func (e *Engine) renew(ctx context.Context, i *kidentity.Identity, typed []byte) (renewed bool, err error) {
	c, ok := i.GetCredentials(kidentity.CredentialsTypePassword)
	if !ok {
		return false, nil
	}
	stored := hashOf(i)
	if len(stored) == 0 || !outdated(string(stored), e.todays(ctx)) {
		return false, nil
	}
	// What was read here from the request is what Kratos has compared, or nothing is stored.
	if hash.Compare(ctx, typed, stored) != nil {
		return false, nil
	}
	hashed, err := e.registry.Hasher(ctx).Generate(ctx, typed)
	if err != nil {
		return false, fmt.Errorf("hashing a password: %w", err)
	}
	config, err := json.Marshal(kidentity.CredentialsPassword{HashedPassword: string(hashed)})
	if err != nil {
		return false, fmt.Errorf("encoding a hash: %w", err)
	}
	p := e.registry.Persister()
	conn := p.GetConnection(ctx)
	field := "hashed_password"
	if conn.Dialect.Name() == "sqlite3" {
		field = "$." + field
	}
	n, err := conn.RawQuery("UPDATE identity_credentials SET config = ? WHERE id = ? AND identity_id = ? AND nid = ? AND config ->> '"+field+"' = ?",
		string(config), c.ID, i.ID, p.NetworkID(ctx), string(stored)).ExecWithCount()
	if err != nil {
		return false, fmt.Errorf("storing a hash: %w", sqlcon.HandleError(err))
	}
	if n == 0 {
		return false, nil // changed meanwhile
	}
	c.Config = config
	i.SetCredentials(kidentity.CredentialsTypePassword, *c)
	return true, nil
}

// content is a hasher that never asks Kratos to replace a hash: renewing does.
type content struct{ hash.Hasher }

// Understands implements kratos' hash.Hasher.
func (content) Understands([]byte) bool { return true }
