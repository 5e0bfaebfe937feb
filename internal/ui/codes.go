package ui

import (
	"net/http"
	"slices"
	"strings"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/locale"
)

// codes are recovery codes as a person is to keep them: to copy, to print, or as a file. The file is made
// of a form, so that it needs no script, and no address ever has a code in it.
type codes struct {
	ID    string
	Label string
	Items []item
	CSRF  string
}

// factors says what of the second factors is there.
type factors struct {
	// codesMissing and totpMissing are set where they are offered and not set up.
	codesMissing, totpMissing bool
	// codesKept is set where recovery codes are set up, and second where there is what they stand in for.
	codesKept, second bool
}

// factorsOf reads from the buttons what Kratos says nowhere else.
func factorsOf(nodes []identity.Node) factors {
	has := func(names ...string) bool {
		return slices.ContainsFunc(nodes, func(n identity.Node) bool { return slices.Contains(names, n.Attributes.Name) })
	}
	f := factors{
		codesKept:   has("lookup_secret_reveal", "lookup_secret_disable"),
		totpMissing: has("totp_code"),
		second:      has("totp_unlink", "webauthn_remove"),
	}
	f.codesMissing = !f.codesKept && has("lookup_secret_regenerate", "lookup_secret_confirm")
	return f
}

func (f factors) totpLead(p *locale.Printer) string {
	if !f.totpMissing {
		return p.Text("An authenticator app on your phone is asked for a code when you sign in.")
	}
	return p.Text("Scan the picture with an authenticator app on your phone, then enter the code that it shows.")
}

// codesLead says what recovery codes are for, and what comes next: alone they are no second factor that
// anybody wants to use every day.
func (f factors) codesLead(p *locale.Printer) string {
	switch {
	case f.codesMissing:
		return p.Text("Each code signs you in once when your phone or your security key is lost. Get them before you set up either.")
	case !f.second:
		return p.Text("Your codes are kept. Now set up an authenticator app or a security key: the codes are for the day you do not have it.")
	default:
		return p.Text("Each code signs you in once when your phone or your security key is lost.")
	}
}

// recoveryCodes fills the section: the codes when they are shown, and what can be done.
func (b *sectionBuilder) recoveryCodes(s *section, group nodeGroup) {
	s.Lead = b.factors.codesLead(b.say)
	if b.factors.codesKept {
		s.State = b.say.Text("On")
	}
	rest := nodeGroup{name: group.name}
	for _, node := range group.nodes {
		if node.Type != "text" {
			rest.nodes = append(rest.nodes, node)
			continue
		}
		t := b.textRow(node)
		s.Codes = &codes{ID: t.ID, Label: t.Label, Items: t.Items}
	}
	for _, node := range rest.nodes {
		class := ""
		if node.Attributes.Name == "lookup_secret_disable" {
			class = "danger"
		}
		f := b.single(node, buttonLabel(b.say, node), "", class)
		if node.Attributes.Name == "lookup_secret_confirm" {
			s.Lead = b.say.Text("Keep these codes where you can reach them without your phone. They are not shown again unasked.")
			f.Confirm = b.say.Text("I have kept these codes in a safe place")
			f.Buttons[0].Primary = true
		}
		s.Forms = append(s.Forms, f)
	}
	slices.SortStableFunc(s.Forms, func(x, y form) int {
		// What takes the codes away comes last.
		return boolRank(x.Buttons[0].Name == "lookup_secret_disable") - boolRank(y.Buttons[0].Name == "lookup_secret_disable")
	})
}

const (
	maxCodes      = 50
	maxCodeLength = 40
)

// downloadCodes gives a person the codes that the page showed as a file. They are what the form says: the
// server keeps no copy that could be asked for.
func (u *UI) downloadCodes(w http.ResponseWriter, r *http.Request) error {
	if err := u.csrf.check(w, r, purposeCodes, ""); err != nil {
		return err
	}
	list := r.PostForm["code"]
	if len(list) == 0 || len(list) > maxCodes || slices.ContainsFunc(list, func(code string) bool {
		return code == "" || len(code) > maxCodeLength || strings.ContainsFunc(code, func(c rune) bool { return !isWord(c) && c != '-' })
	}) {
		return &identity.Error{Code: identity.BadRequest, Message: "The form holds no recovery codes."}
	}
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="recovery-codes.txt"`)
	text := u.cfg.Brand.Name + "\r\n" + u.printer(r).Text("Recovery codes") + "\r\n\r\n" + strings.Join(list, "\r\n") + "\r\n"
	_, _ = w.Write([]byte(text))
	return nil
}
