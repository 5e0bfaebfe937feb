package kratos

import (
	"context"
	"fmt"

	kx "github.com/ory/kratos/x"
)

// warm calls every lazy getter once: none is guarded, and the first parallel requests would race in
// them (docs/ory-quirks.md#q22). JWKSFetcher and SessionTokenizer stay cold: they take hundreds of
// megabytes for a feature that is off (docs/ory-quirks.md#q25).
func (e *Engine) warm(ctx context.Context) error {
	r := e.registry

	// GenerateCSRFToken wants a request; this is what it would set.
	r.WithCSRFTokenGenerator(kx.DefaultCSRFToken)
	r.Writer()
	r.Tracer(ctx)
	r.Hydra()
	r.Contextualizer()
	r.CookieManager(ctx)
	r.ContinuityCookieManager(ctx)
	r.ContinuityManager()
	r.Cipher(ctx)
	r.Hasher(ctx)
	r.PasswordValidator()
	r.MetricsHandler()
	r.HealthHandler(ctx)

	r.IdentityHandler()
	r.IdentityManager()
	r.IdentityValidator()
	r.SessionHandler()
	r.SessionManager()
	r.SchemaHandler()
	r.CourierHandler()
	r.SelfServiceErrorHandler()
	r.SelfServiceErrorManager()

	r.LoginHandler()
	r.LoginHookExecutor()
	r.LoginFlowErrorHandler()
	r.LogoutHandler()
	r.RegistrationHandler()
	r.RegistrationExecutor()
	r.RegistrationHookExecutor()
	r.RegistrationErrorHandler()
	r.RegistrationFlowErrorHandler()
	r.SettingsHandler()
	r.SettingsHookExecutor()
	r.SettingsFlowErrorHandler()
	r.RecoveryHandler()
	r.RecoveryExecutor()
	r.RecoveryFlowErrorHandler()
	r.VerificationHandler()
	r.VerificationExecutor()
	r.VerificationFlowErrorHandler()
	r.VerificationManager()
	r.LinkSender()
	r.CodeSender()

	r.HookVerifier()
	r.HookCodeAddressVerifier()
	r.HookSessionIssuer()
	r.HookSessionDestroyer()
	r.HookAddressVerifier()
	r.HookShowVerificationUI()
	r.HookTwoStepRegistration()

	// The list of strategies is made by the first of these.
	r.AllLoginStrategies()
	r.AllRegistrationStrategies()
	r.AllSettingsStrategies()
	r.AllRecoveryStrategies()
	r.AllVerificationStrategies()

	if _, err := r.IdentityTraitsSchemas(ctx); err != nil {
		return fmt.Errorf("loading identity schemas: %w", err)
	}
	if _, err := r.JsonnetVM(ctx); err != nil {
		return fmt.Errorf("preparing jsonnet: %w", err)
	}
	return nil
}
