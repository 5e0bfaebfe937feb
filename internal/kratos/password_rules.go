package kratos

import (
	"context"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/ory/kratos/selfservice/strategy/password"
	"github.com/ory/kratos/text"
)

// Bounds of a new password. Kratos has none above, and compares a password with the identifier in time and
// memory that grow with the product of both (docs/ory-quirks.md#q88).
const (
	longestPassword      = 256
	longestPasswordBytes = 4 * longestPassword
)

// passwordRules judges new passwords before and after Kratos does. Its refusals are Kratos' own, so that they
// are said in every language.
type passwordRules struct {
	password.Validator
	cfg Password
	// outside runs a call that may take as long as the internet does.
	outside func(ctx context.Context, call func())
}

// Validate implements kratos' password.Validator. It is called for each identifier of a person.
func (v passwordRules) Validate(ctx context.Context, identifier, chosen string) error {
	n := utf8.RuneCountInString(chosen)
	switch {
	case n > longestPassword, len(chosen) > longestPasswordBytes:
		return text.NewErrorValidationPasswordMaxLength(longestPassword, n)
	case n < v.cfg.MinLength:
		// Kratos counts bytes.
		return text.NewErrorValidationPasswordMinLength(v.cfg.MinLength, n)
	}
	if err := v.Validator.Validate(ctx, identifier, chosen); err != nil {
		return err
	}
	if madeOf(chosen, append(partsOf(identifier), v.cfg.Words...)) {
		return text.NewErrorValidationPasswordIdentifierTooSimilar()
	}
	if v.cfg.Breached != nil && v.breached(ctx, chosen) {
		return text.NewErrorValidationPasswordTooManyBreaches(1)
	}
	return nil
}

// breached asks once for each password, however many identifiers a person has.
func (v passwordRules) breached(ctx context.Context, chosen string) bool {
	p, _ := ctx.Value(newPasswordKey{}).(*newPassword)
	if p != nil && p.judged == chosen {
		return p.breached
	}
	known := false
	v.outside(ctx, func() { known = v.cfg.Breached(ctx, chosen) })
	if p != nil {
		p.judged, p.breached = chosen, known
	}
	return known
}

// partsOf returns what somebody would make a password of who is known by an identifier.
func partsOf(identifier string) []string {
	local, domain, _ := strings.Cut(identifier, "@")
	parts := []string{identifier, local}
	for _, s := range []string{local, domain} {
		parts = append(parts, strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) })...)
	}
	return parts
}

// madeOf reports whether a password is one of the words and little else.
func madeOf(chosen string, words []string) bool {
	const shortest, rest = 4, 8
	lower := strings.ToLower(chosen)
	for _, word := range words {
		word = strings.ToLower(word)
		if utf8.RuneCountInString(word) < shortest || !strings.Contains(lower, word) {
			continue
		}
		if utf8.RuneCountInString(strings.ReplaceAll(lower, word, "")) < rest {
			return true
		}
	}
	return false
}
