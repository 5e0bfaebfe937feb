package stack

import (
	"log/slog"
	"slices"
	"strings"

	"example.com/identityd/internal/claims"
	"example.com/identityd/internal/config"
	"example.com/identityd/internal/hydra"
	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/kratos"
	"example.com/identityd/internal/ory"
	"example.com/identityd/internal/store"
	"example.com/identityd/internal/ui"
)

// keys are the secrets in force: those of the file, or the generated ones.
type keys struct{ system, cookie, cipher []string }

// storeSettings translates the database words. It is pure.
func storeSettings(d config.Database, region string) store.Settings {
	one := func(u config.DatabaseUser) store.Database {
		return store.Database{Name: u.Name, User: u.User, Password: u.Password.Reveal(), URL: u.URL.Reveal()}
	}
	return store.Settings{
		URL:    d.URL.Reveal(),
		Region: region,
		Hydra:  one(d.Hydra),
		Kratos: one(d.Kratos),
		Pool: store.Pool{
			MaxOpen: d.Pool.MaxOpen, MaxIdle: d.Pool.MaxIdle,
			MaxLifetime: d.Pool.MaxLifetime, MaxIdleTime: d.Pool.MaxIdleTime,
		},
	}
}

// hydraConfig translates user words into adapter words. It is pure; what runs (loggers, transports) is
// added by boot.
func hydraConfig(c config.Config, u URLs, k keys, dsn store.DSN, m *claims.Mapper) hydra.Config {
	return hydra.Config{
		Issuer:   u.Hydra,
		AdminURL: orElse(u.HydraAdmin, hydra.InProcessAdmin),
		Pages: hydra.Pages{
			Login:        u.UI + "/login",
			Registration: u.UI + "/registration",
			Consent:      u.UI + "/consent",
			Logout:       u.UI + "/logout",
			Error:        u.UI + "/error",
			PostLogout:   u.UI + "/account/signed-out",
		},
		DSN:             dsn.Reveal(),
		SerializeWrites: dsn.Dialect() == store.SQLite,
		MaxRequests:     maxRequests(c.Database, dsn),
		Dev:             plainHTTP(u.Hydra),
		CookieDomain:    u.CookieDomain,
		HostCookies:     u.HostCookies,
		SystemSecrets:   k.system,
		CookieSecrets:   k.cookie,
		Tokens: hydra.Tokens{
			Access: c.Tokens.Access, Refresh: c.Tokens.Refresh, ID: c.Tokens.ID,
			RefreshGrace: c.Tokens.RefreshGrace, JWT: c.Tokens.Format == config.TokenJWT,
			SignAccess: string(c.Tokens.Signing.Access), SignID: string(c.Tokens.Signing.ID),
		},
		Scopes:         m.Scopes(),
		Claims:         m.ClaimNames(),
		TopLevelClaims: m.AccessTokenClaimNames(),
		RevokeAtLogout: c.Session.Logout.RevokeTokens,
		Origins:        c.CORSOrigins(),
		Registration:   registration(c.DynamicRegistration),
		Extra:          c.Hydra,
	}
}

func registration(d config.DynamicRegistration) *hydra.Registration {
	if !d.Enabled {
		return nil
	}
	return &hydra.Registration{Hosts: d.Hosts, Schemes: d.Schemes, Scopes: d.Scopes, PerHour: d.PerHour}
}

// kratosConfig translates user words into adapter words. It is pure, but for the schemas it is given.
// smtpURL is that of the development inbox, if there is one.
func kratosConfig(c config.Config, u URLs, k keys, dsn store.DSN, s schemas, smtpURL string) kratos.Config {
	return kratos.Config{
		PublicURL: u.Kratos,
		AdminURL:  orElse(u.KratosAdmin, "http://kratos-admin.invalid"),
		Pages: kratos.Pages{
			Home:         u.UI + "/",
			Account:      u.UI + "/account/",
			Login:        u.UI + "/login",
			Registration: u.UI + "/registration",
			Settings:     u.UI + "/settings",
			Recovery:     u.UI + "/recovery",
			Verification: u.UI + "/verification",
			Error:        u.UI + "/error",
			SignedOut:    u.UI + "/account/signed-out",
			Continue:     u.UI + "/account/continue",
			Confirm:      u.UI + ui.ConfirmPath,
			Invitation:   u.UI + ui.InvitationPath,
		},
		ReturnTo:        append(slices.Clone(c.ReturnTo), c.ProtectedOrigins()...),
		DSN:             dsn.Reveal(),
		SerializeWrites: dsn.Dialect() == store.SQLite,
		MaxRequests:     maxRequests(c.Database, dsn),
		Dev:             plainHTTP(u.Kratos),
		SessionDomain:   u.SessionDomain,
		CookieDomain:    u.CookieDomain,
		HostCookies:     u.HostCookies && u.SessionDomain == "",
		CookieSecrets:   k.cookie,
		CipherSecrets:   k.cipher,
		Schemas:         s.list,
		DefaultSchema:   s.preferred,
		Password: kratos.Password{
			Enabled:   c.Login.First.Password.Enabled,
			MinLength: c.Login.First.Password.MinLength,
			Words:     ownWords(c, u),
		},
		Session: kratos.Session{
			Lifespan:   c.Session.Lifespan,
			Privileged: c.Session.Privileged,
			Remember:   identity.Remember(c.Session.Remember),
		},
		Registration: kratos.Registration{
			Closed:       c.Registration.Mode == config.RegistrationClosed,
			ByInvitation: c.Registration.Mode == config.RegistrationInvite,
			TwoSteps:     c.Registration.Steps == config.RegistrationTwoSteps,
		},
		Login:         login(c, u, s),
		Links:         c.Mail.Style == config.MailLink,
		Mail:          mail(c, smtpURL),
		VerifyAddress: c.Identity.Verification == config.VerificationRequired,
		Origins:       c.CORSOrigins(),
		Private:       c.Outbound.Private == config.PrivateAllow,
		PrivateGlobs:  privateGlobs(c.Outbound),
		Extra:         c.Kratos,
	}
}

// mail is nil where nothing can be sent. Its URL is empty where the kratos: block sends by other means.
func mail(c config.Config, inbox string) *kratos.Mail {
	if !c.SendsMail() {
		return nil
	}
	return &kratos.Mail{
		URL:  orElse(inbox, c.Mail.SMTPURL.Reveal()),
		From: c.Mail.From, FromName: brand(c), ReplyTo: c.Mail.ReplyTo,
	}
}

func brand(c config.Config) string { return orElse(c.UI.Brand.Name, "identityd") }

// attach adds what runs.
func attach(h *hydra.Config, k *kratos.Config, log *slog.Logger, t *ory.Tracing) {
	h.Log, h.Tracing = log, t
	k.Log, k.Tracing = log, t
}

// maxRequests is one less than the pool: a request may hold one connection and wait for a second, and as long as
// there is one more than there are requests, one of them gets it and ends (docs/ory-quirks.md#q43).
func maxRequests(d config.Database, dsn store.DSN) int {
	if dsn.Dialect() == store.SQLite {
		return 0 // one at a time anyhow
	}
	return max(d.Pool.MaxOpen-1, 1)
}

func plainHTTP(url string) bool { return strings.HasPrefix(url, "http://") }

func orElse(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}
