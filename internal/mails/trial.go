package mails

// Trial writes a mail that shows that mail arrives, in the language that is offered first.
func (m *Mails) Trial() (Mail, error) {
	p, brand := m.texts.Default(), m.brand.Name
	return m.Compose(p, Letter{
		Subject: p.Text("Test mail from %s", brand),
		Title:   p.Text("Mail arrives"),
		Text:    p.Text("Somebody who runs %s has sent this mail to see whether mail arrives. It holds neither a code nor a link.", brand),
		Ignore:  p.Text("You need not do anything."),
	})
}
