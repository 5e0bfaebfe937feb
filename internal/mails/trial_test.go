package mails_test

import (
	"strings"
	"testing"

	"example.com/identityd/internal/locale"
	"example.com/identityd/internal/mails"
)

func TestATestMailIsInTheFirstLanguageAndHoldsNoCode(t *testing.T) {
	for _, lang := range locale.Languages() {
		m := written(t, func(c *mails.Config) { c.Texts = offering(t, lang) })
		mail, err := m.Trial()
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(mail.Subject, "Northwind") || !strings.Contains(mail.Text, "Northwind & Söhne") || !strings.Contains(mail.HTML, `lang="`+lang+`"`) {
			t.Errorf("%s: got %q\n%s", lang, mail.Subject, mail.Text)
		}
		if lang != "en" && strings.Contains(mail.Text, "You need not") {
			t.Errorf("%s: got English:\n%s", lang, mail.Text)
		}
	}
}
