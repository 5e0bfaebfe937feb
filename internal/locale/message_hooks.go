package locale

// hookMessage says the messages that are ours, not Kratos': a receiver of a hook refused (internal/kratos/calls.go).
// What the receiver itself says is said as it is.
func (p *Printer) hookMessage(id int64, c values) string {
	switch id {
	case 4900001:
		return p.Text("The people who run this service do not allow this. Please ask them if you think that it is a mistake.")
	case 4900002:
		return p.Text("This cannot be done at the moment. Please try again in a few minutes. If it stays like this, "+
			"tell the people who run this service: %s", c.text("request"))
	}
	return ""
}
