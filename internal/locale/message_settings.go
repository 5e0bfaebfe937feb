package locale

func (p *Printer) settingsMessage(id int64, c values) string {
	switch id {
	case 1050001:
		return p.Text("Your changes have been saved.")
	case 1050002:
		return p.Text("Connect %s", c.text("provider"))
	case 1050003:
		return p.Text("Disconnect %s", c.text("provider"))
	case 1050004:
		return p.Text("Remove the authenticator app")
	case 1050005:
		return p.Text("QR code for your authenticator app")
	case 1050007:
		return p.Text("Show the recovery codes")
	case 1050008:
		return p.Text("Make new recovery codes")
	case 1050010:
		return p.Text("These are your recovery codes. Keep them in a safe place.")
	case 1050011:
		return p.Text("Confirm the recovery codes")
	case 1050012:
		return p.Text("Add a security key")
	case 1050013:
		return p.Text("Name of the security key")
	case 1050014:
		if at := p.date(c, "used_at"); at != "" {
			return p.Text("Used on %s", at)
		}
		return p.Text("Used")
	case 1050016:
		return p.Text("Switch off the recovery codes")
	case 1050017:
		return p.Text("If you cannot scan the QR code, type this key into the app.")
	case 1050018:
		if at := p.date(c, "added_at"); at != "" {
			return p.Text("Remove the security key “%[1]s”, added on %[2]s", c.text("display_name"), at)
		}
		return p.Text("Remove the security key “%s”", c.text("display_name"))
	case 1050019:
		return p.Text("Add a passkey")
	case 1050020:
		if at := p.date(c, "added_at"); at != "" {
			return p.Text("Remove the passkey “%[1]s”, added on %[2]s", c.text("display_name"), at)
		}
		return p.Text("Remove the passkey “%s”", c.text("display_name"))
	}
	// 1050006, 1050009 and 1050015 are no sentences but the secrets themselves.
	return ""
}

// flowMessage is of what ends a flow.
func (p *Printer) flowMessage(id int64) string {
	switch id {
	case 4010001, 4040001, 4050001, 4060005, 4070005:
		return p.Text("The page was open for too long. Please try again.")
	case 4010002, 4010003, 4010004, 4010005, 4010006:
		return p.Text("Please fill in the form and try again.")
	case 4010007, 4040002, 4060001, 4070002:
		return p.Text("This was done already.")
	case 4010008, 4040003, 4060006, 4070006:
		return p.Text("This code is wrong, used or too old. Check it, or ask for a new one.")
	case 4010009:
		return p.Text("This is not the account that you wanted to connect.")
	case 4010010:
		return p.Text("This address does not belong to the account.")
	case 4060002, 4070003:
		return p.Text("That did not work. Please start again.")
	case 4060003, 4060004, 4070001, 4070004:
		return p.Text("This link is wrong, used or too old. Please start again.")
	}
	return ""
}
