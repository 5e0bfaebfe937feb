package mails

import (
	"fmt"
	"net/url"
)

// Preview writes a mail of Kratos' with a made-up code and link, by the same templates that Kratos
// executes.
func (m *Mails) Preview(kind Kind, lang string) (Mail, error) {
	query := url.Values{"flow": {"00000000-0000-0000-0000-000000000000"}}
	link := m.pages + "/verification?" + query.Encode()
	mail, err := execute(m.Source(kind), map[string]any{
		"To":               "anna@example.com",
		"RequestURL":       m.pages + "/self-service/browser?" + url.Values{"lang": {lang}}.Encode(),
		"RecoveryCode":     "135790",
		"VerificationCode": "135790",
		"LoginCode":        "135790",
		"RegistrationCode": "135790",
		"RecoveryURL":      link,
		"VerificationURL":  link,
	})
	if err != nil {
		return Mail{}, fmt.Errorf("previewing %s: %w", kind, err)
	}
	return mail, nil
}
