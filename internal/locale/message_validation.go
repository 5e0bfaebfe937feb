package locale

import (
	"slices"
	"strings"
)

// validationMessage is of what was typed in. fallback is what Kratos says.
func (p *Printer) validationMessage(id int64, c values, fallback string) string {
	switch id {
	case 4000001:
		return p.schemaMessage(fallback)
	case 4000002, 4000009:
		return p.Text("Please fill this in.")
	case 4000003, 4000032:
		return p.atLeast(c.count("min_length"))
	case 4000017, 4000033:
		return p.Text("Please use at most %d characters.", c.count("max_length"))
	case 4000004:
		return p.Text("Please check the format.")
	case 4000005:
		return p.Text("This password cannot be used. Please choose another.")
	case 4000006:
		return p.Text("The password or the sign-in name is not right. Please try again.")
	case 4000007:
		return p.Text("An account with this address or name exists already.")
	case 4000008:
		return p.Text("This code is not right. Wait for the next one in the app, then try again.")
	case 4000010:
		return p.Text("Your address is not verified yet. Verify it, then you can sign in.")
	case 4000011:
		return p.Text("No authenticator app is set up for this account.")
	case 4000012:
		return p.Text("This recovery code was used already. Please take another.")
	case 4000013:
		return p.Text("No security key is set up for this account.")
	case 4000014:
		return p.Text("No recovery codes are set up for this account.")
	case 4000015:
		return p.Text("This account does not exist or has no security key.")
	case 4000016:
		return p.Text("This recovery code is not right. Please check it.")
	case 4000027:
		return p.Text("An account with this address or name exists already. Sign in to it to connect the other one.")
	case 4000028:
		return p.Text("An account with this address or name exists already. Sign in to it in the way you did before.")
	case 4000031:
		return p.Text("This password is too close to your name or address. Please choose another.")
	case 4000034:
		return p.Text("This password is known from data leaks. Please choose another.")
	case 4000035:
		return p.Text("This account does not exist or cannot sign in with a code.")
	case 4000036:
		return p.Text("What you entered has changed since you began. Please start again.")
	case 4000037:
		return p.Text("This account does not exist or has no way to sign in.")
	case 4000038:
		return p.Text("The check did not succeed. Please try again.")
	default:
		return p.valueMessage(id, c)
	}
}

func (p *Printer) atLeast(length int) string {
	if length <= 1 {
		return p.Text("Please fill this in.")
	}
	return p.Text("Please use at least %d characters.", length)
}

// valueMessage is of numbers, lists and types.
func (p *Printer) valueMessage(id int64, c values) string {
	switch id {
	case 4000018:
		return p.Text("Please enter %s or more.", p.decimal(c, "minimum"))
	case 4000019:
		return p.Text("Please enter more than %s.", p.decimal(c, "minimum"))
	case 4000020:
		return p.Text("Please enter %s or less.", p.decimal(c, "maximum"))
	case 4000021:
		return p.Text("Please enter less than %s.", p.decimal(c, "maximum"))
	case 4000022:
		return p.Text("Please enter a multiple of %s.", p.decimal(c, "base"))
	case 4000023:
		return p.Text("Please give at most %d entries.", c.count("max_items"))
	case 4000024:
		return p.Text("Please give at least %d entries.", c.count("min_items"))
	case 4000025:
		return p.Text("Two entries are the same.")
	case 4000026:
		types, _ := c["allowed_types"].([]any)
		if slices.Contains(types, any("number")) || slices.Contains(types, any("integer")) {
			return p.Text("Please enter a number.")
		}
		return p.Text("Please check the format.")
	case 4000029:
		// A box that has to be ticked is a constant of true in a schema.
		if expected := c.text("expected"); expected != "" && expected != "true" {
			return p.Text("This has to be %s.", expected)
		}
		return p.Text("This has to be accepted.")
	case 4000030:
		return p.Text("This has to be accepted.")
	}
	return ""
}

// schemaMessage puts what the JSON schema has no number for into plain words. The formats are those
// that identity schemas use (kratos: the library jsonschema writes these).
func (p *Printer) schemaMessage(reason string) string {
	ends := func(format string) bool { return strings.HasSuffix(reason, `is not valid "`+format+`"`) }
	switch {
	case ends("email"):
		return p.Text("Please enter a complete email address.")
	case ends("uri"), ends("url"), ends("uri-reference"):
		return p.Text("Please enter a complete web address.")
	case ends("tel"):
		return p.Text("Please enter a phone number with its country code, such as +49 30 123456.")
	case ends("date"):
		return p.Text("Please enter a date.")
	case ends("date-time"), ends("time"):
		return p.Text("Please enter a date and a time.")
	case reason == "the value holds characters that cannot be seen":
		return p.Text("This has characters that cannot be seen, or spaces. Please type it instead of pasting it.")
	case reason == "the value holds letters in an unusual form":
		return p.Text("This has letters in an unusual form. Please type it instead of pasting it.")
	case reason == "the value holds letters that look like those of another alphabet":
		return p.Text("This has letters that look like those of another alphabet. Please use one alphabet.")
	case reason == "the value is not the address that was invited":
		return p.Text("This is not the address that was invited.")
	case reason == "the invitation has been used":
		return p.Text("This invitation has been used.")
	case reason == "the invitation has been withdrawn":
		return p.Text("This invitation has been withdrawn.")
	case reason == "the invitation has expired":
		return p.Text("This invitation has expired.")
	case strings.Contains(reason, "is not valid"):
		return p.Text("Please check the format.")
	case strings.HasPrefix(reason, "value must be one of"):
		return p.Text("Please choose one of the values that are offered.")
	case strings.HasPrefix(reason, "additionalProperties"):
		return p.Text("This cannot be set here.")
	}
	return ""
}
