package audit

import (
	"maps"
	"slices"
)

// Kinds of our own, beside those of the engines.
const (
	WriterStarted      = "WriterStarted"
	WriterStopped      = "WriterStopped"
	TrailGap           = "TrailGap"
	TrailPruned        = "TrailPruned"
	PersonErased       = "PersonErased"
	ConfigChanged      = "ConfigChanged"
	SecretRotated      = "SecretRotated"
	LoginThrottled     = "LoginThrottled"
	RequestThrottled   = "RequestThrottled"
	ConsentGranted     = "ConsentGranted"
	ConsentRefused     = "ConsentRefused"
	ApplicationRevoked = "ApplicationRevoked"
	AdminChange        = "AdminChange"
	AdminRefused       = "AdminRefused"
	SessionEnded       = "SessionEnded"
	PasswordChanged    = "PasswordChanged"
	FactorAdded        = "FactorAdded"
	FactorRemoved      = "FactorRemoved"
	ProviderLinked     = "ProviderLinked"
	ProviderUnlinked   = "ProviderUnlinked"
	ProfileChanged     = "ProfileChanged"
	AccountExported    = "AccountExported"
	AccountDeleted     = "AccountDeleted"
	GrantReused        = "GrantReused"
	RecoveryOffered    = "RecoveryOffered"
	AccessEnded        = "AccessEnded"
	InvitationAccepted = "InvitationAccepted"
	ClientRegistered   = "ClientRegistered"
)

// Where kinds come from.
const (
	fromKratos = "Kratos"
	fromHydra  = "Hydra"
	fromUs     = "identityd"
)

// Kind is what may happen.
type Kind struct {
	// From is who says so.
	From string
	// Counted kinds are in the metrics alone, for the reason in Why.
	Counted bool
	// Floods marks kinds that strangers can cause without end: more of them in one batch than anybody
	// reads become one record with their number.
	Floods bool
	// Person marks kinds that the person sees as recent activity.
	Person bool
	// Failed kinds did not work.
	Failed bool
	// Why is a sentence for docs/audit.md.
	Why string
}

// Kinds are all of them, by name.
func Kinds() map[string]Kind {
	out := map[string]Kind{}
	for _, part := range []map[string]Kind{kratosKinds(), hydraKinds(), ourKinds()} {
		maps.Copy(out, part)
	}
	return out
}

// KindNames are the names of those that are written down, in order.
func KindNames() []string {
	var out []string
	for name, k := range Kinds() {
		if !k.Counted {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

func ourKinds() map[string]Kind {
	return map[string]Kind{
		WriterStarted:      {From: fromUs, Why: "A process began to write: its version and host."},
		WriterStopped:      {From: fromUs, Why: "It ended in good order. A chain without it ended by a crash, or is not over."},
		TrailGap:           {From: fromUs, Failed: true, Why: "So many events were not written, for want of a database; they are in the log."},
		TrailPruned:        {From: fromUs, Why: "The retention removed what was before an anchor."},
		PersonErased:       {From: fromUs, Why: "The key of a person who was deleted is destroyed."},
		ConfigChanged:      {From: fromUs, Why: "A process started with another configuration than the one before it: the sections that differ."},
		SecretRotated:      {From: fromUs, Why: "A new secret seals from now on."},
		LoginThrottled:     {From: fromUs, Floods: true, Failed: true, Why: "A sign-in was put off after too many wrong ones."},
		RequestThrottled:   {From: fromUs, Floods: true, Failed: true, Why: "Another form, or an application, was put off."},
		ConsentGranted:     {From: fromUs, Person: true, Why: "The person let an application in: its scopes."},
		ConsentRefused:     {From: fromUs, Person: true, Failed: true, Why: "The person did not let an application in."},
		ApplicationRevoked: {From: fromUs, Person: true, Why: "The person took an application's access away."},
		AdminChange:        {From: fromUs, Why: "A request to an admin API that changes something: once before it is let through, once with what it answered."},
		AdminRefused:       {From: fromUs, Floods: true, Failed: true, Why: "A request to an admin API was turned away: no token, another scope, from a web page."},
		SessionEnded:       {From: fromUs, Person: true, Why: "One session, all others or all sessions of a person were ended."},
		PasswordChanged:    {From: fromUs, Person: true, Why: "The person set a password."},
		FactorAdded:        {From: fromUs, Person: true, Why: "A way to sign in, or a second factor, was added."},
		FactorRemoved:      {From: fromUs, Person: true, Why: "One was removed."},
		ProviderLinked:     {From: fromUs, Person: true, Why: "A sign-in with another provider was connected."},
		ProviderUnlinked:   {From: fromUs, Person: true, Why: "It was disconnected."},
		ProfileChanged:     {From: fromUs, Person: true, Why: "The person changed their own data: name, address."},
		AccountExported:    {From: fromUs, Person: true, Why: "The person downloaded their data."},
		AccountDeleted:     {From: fromUs, Why: "The person deleted the account."},
		RecoveryOffered:    {From: fromUs, Why: "The admin API made a code or link that opens the account."},
		AccessEnded:        {From: fromUs, Why: "All access of a person ended, for the reason given: how many sessions, consents and tokens."},
		InvitationAccepted: {From: fromUs, Why: "The person accepted an invitation, which brought groups."},
		ClientRegistered:   {From: fromUs, Floods: true, Why: "An application registered itself, or changed what it is registered with: its name, and where it sends people."},
		"EngineEvent":      {From: fromUs, Why: "An event of an engine that this release does not know."},
		GrantReused:        {From: fromUs, Failed: true, Why: "A code or refresh token was used twice; everything that came of it is revoked."},
	}
}

func kratosKinds() map[string]Kind {
	return map[string]Kind{
		"SessionIssued":           {From: fromKratos, Counted: true, Why: "LoginSucceeded says it."},
		"SessionChanged":          {From: fromKratos, Counted: true, Why: "LoginSucceeded says it."},
		"SessionLifespanExtended": {From: fromKratos, Why: "A session lasts longer than it did."},
		"SessionRevoked":          {From: fromKratos, Person: true, Why: "The person signed out."},
		"SessionChecked":          {From: fromKratos, Counted: true, Why: "It changes nothing, and happens at every page."},
		"SessionTokenizedAsJWT":   {From: fromKratos, Counted: true, Why: "It happens as often as an application asks."},
		"RegistrationFailed":      {From: fromKratos, Floods: true, Failed: true, Why: "A sign-up that was not accepted."},
		"RegistrationSucceeded":   {From: fromKratos, Person: true, Why: "A new account."},
		"LoginFailed":             {From: fromKratos, Floods: true, Person: true, Failed: true, Why: "A sign-in that was not accepted, with whose account it was tried."},
		"LoginSucceeded":          {From: fromKratos, Person: true, Why: "A sign-in, its session and method."},
		"SettingsFailed":          {From: fromKratos, Floods: true, Failed: true, Why: "A change of the person's own settings that was not accepted."},
		"SettingsSucceeded":       {From: fromKratos, Person: true, Why: "A change of settings that is none of those below."},
		"RecoveryFailed":          {From: fromKratos, Floods: true, Failed: true, Why: "A recovery that was not accepted."},
		"RecoverySucceeded":       {From: fromKratos, Person: true, Why: "The person came back in by mail."},
		"VerificationFailed":      {From: fromKratos, Floods: true, Failed: true, Why: "A code or link for an address that was not accepted."},
		"VerificationSucceeded":   {From: fromKratos, Person: true, Why: "An address is the person's."},
		"IdentityCreated":         {From: fromKratos, Why: "An account that no sign-up made."},
		"IdentityUpdated":         {From: fromKratos, Why: "An account was changed by other means than the person's settings."},
		"IdentityDeleted":         {From: fromKratos, Why: "An account is gone."},
		"WebhookDelivered":        {From: fromKratos, Counted: true, Why: "It holds what was sent."},
		"WebhookSucceeded":        {From: fromKratos, Counted: true, Why: "It happens at every sign-in."},
		"WebhookFailed":           {From: fromKratos, Floods: true, Failed: true, Why: "A web hook did not work."},
		"DeprecatedFeatureUsed":   {From: fromKratos, Counted: true, Why: "It is no matter of security."},
		"Skipping verification hook because AAL is not 1": {From: fromKratos, Counted: true, Why: "A note of Kratos' to itself."},
	}
}

func hydraKinds() map[string]Kind {
	return map[string]Kind{
		"OAuth2LoginAccepted":        {From: fromHydra, Why: "A person is signed in for an application."},
		"OAuth2LoginRejected":        {From: fromHydra, Failed: true, Why: "A sign-in for an application was refused."},
		"OAuth2ConsentAccepted":      {From: fromHydra, Why: "Access was granted, with or without asking the person."},
		"OAuth2ConsentRejected":      {From: fromHydra, Failed: true, Why: "Access was not granted."},
		"OAuth2ConsentRevoked":       {From: fromHydra, Why: "Access was taken away."},
		"OAuth2ClientCreated":        {From: fromHydra, Why: "A new application, by the file, the admin API or registration."},
		"OAuth2ClientUpdated":        {From: fromHydra, Why: "An application was changed."},
		"OAuth2ClientDeleted":        {From: fromHydra, Why: "An application is gone."},
		TokenIssued:                  {From: fromHydra, Why: "An application got tokens: the grant. Which grants are written down is audit.tokens."},
		tokenRefused:                 {From: fromHydra, Floods: true, Failed: true, Why: "The token endpoint refused."},
		"OAuth2AccessTokenInspected": {From: fromHydra, Counted: true, Why: "It changes nothing, and happens at every request of an application."},
		"OAuth2AccessTokenRevoked":   {From: fromHydra, Floods: true, Why: "An application gave a token back. Hydra does not say whose."},
		"OAuth2RefreshTokenIssued":   {From: fromHydra, Counted: true, Why: "OAuth2AccessTokenIssued says it."},
		"OIDCIdentityTokenIssued":    {From: fromHydra, Counted: true, Why: "OAuth2AccessTokenIssued says it."},
	}
}

// Two of Hydra's that are looked at.
const (
	TokenIssued  = "OAuth2AccessTokenIssued"
	tokenRefused = "OAuth2TokenExchangeError"
)
