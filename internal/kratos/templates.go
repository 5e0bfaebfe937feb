package kratos

import (
	"encoding/base64"
	"strings"
	"time"

	"example.com/identityd/internal/ory"
)

// Template is a mail by the name that the courier has for it (recovery_code_valid), as Go templates over
// the model of that mail (kratos: courier/template/email).
type Template struct{ Kind, Subject, Text, HTML string }

// overridePath is a folder of templates of the operator's. Whoever has one wants those.
const overridePath = "courier.template_override_path"

// templates gives the courier our mails. It looks at them when it writes one, and ends the process where it
// cannot read the setting (kratos: driver/config/config.go CourierEmailTemplatesHelper): these are texts of
// ours that always encode.
func templates(v ory.Values, c Config) {
	if c.Mail == nil {
		return
	}
	if _, own := (ory.Values{}).Merge(c.Extra)[overridePath]; own {
		return
	}
	encoded := func(source string) string {
		return "base64://" + base64.StdEncoding.EncodeToString([]byte(source))
	}
	for _, t := range c.Mail.Templates {
		i := strings.LastIndexByte(t.Kind, '_')
		at := "courier.templates." + t.Kind[:i] + "." + t.Kind[i+1:] + ".email."
		v[at+"subject"] = encoded(t.Subject)
		v[at+"body.plaintext"] = encoded(t.Text)
		v[at+"body.html"] = encoded(t.HTML)
	}
}

// Lifespans returns how long codes and links of Kratos' are good, as Config and its verbatim block have it.
func Lifespans(c Config) (code, link time.Duration) {
	v := values(c)
	of := func(method string) time.Duration {
		text, _ := v["selfservice.methods."+method+".config.lifespan"].(string)
		if d, err := time.ParseDuration(text); err == nil && d > 0 {
			return d
		}
		return time.Hour // kratos: embedx/config.schema.json
	}
	return of("code"), of("link")
}
