package ui

import (
	"html/template"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/locale"
)

// textRow is a text to read or to keep: the secret of an authenticator app, recovery codes.
type textRow struct {
	ID, Label, Text string
	// Copy is what a script copies, or empty where there is nothing to copy.
	Copy  string
	Items []item
}

// item is one recovery code. One that was used is shown as such, with when.
type item struct {
	Text string
	Used bool
}

type imageRow struct {
	Source        template.URL
	Width, Height int
	Alt           string
}

// The messages of text nodes that are not to be read but to be kept (Kratos: text/id.go).
const (
	messageTOTPSecret = 1050006
	messageCodeUsed   = 1050014
)

func (b *builder) textRow(node identity.Node) *textRow {
	t := &textRow{ID: b.id(node.Attributes.ID), Label: label(b.say, node)}
	message := node.Attributes.Text
	if message == nil {
		return t
	}
	t.Text = messageText(b.say, *message)
	if message.ID == messageTOTPSecret {
		t.Copy, t.Text = t.Text, inFours(t.Text)
	}
	secrets, _ := message.Context["secrets"].([]any)
	for _, secret := range secrets {
		one, ok := secret.(map[string]any)
		if !ok {
			continue
		}
		t.Items = append(t.Items, item{
			Text: plain(valueText(one["text"]), maxSentence), Used: valueText(one["id"]) == strconv.Itoa(messageCodeUsed),
		})
	}
	return t
}

// inFours parts a secret so that it can be typed from one screen into another.
func inFours(secret string) string {
	var b strings.Builder
	for i, c := range []rune(secret) {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(c)
	}
	return b.String()
}

// newImageRow shows an image that came with the flow itself (the QR code of an authenticator app).
// Others would tell a foreign server who is here; the content security policy refuses them anyway.
func newImageRow(p *locale.Printer, node identity.Node) *imageRow {
	data := regexp.MustCompile(`^data:image/(png|jpeg|gif);base64,[A-Za-z0-9+/]+={0,2}$`)
	source := node.Attributes.Source
	if !data.MatchString(source) {
		return nil
	}
	return &imageRow{
		// html/template refuses every data address; this one was matched as a whole above.
		Source: template.URL(source), //nolint:gosec // see above
		Width:  max(node.Attributes.Width, 0),
		Height: max(node.Attributes.Height, 0),
		Alt:    label(p, node),
	}
}

func newLinkRow(p *locale.Printer, node identity.Node) *link {
	to, err := url.Parse(node.Attributes.Href)
	if err != nil || !isWeb(to) || to.User != nil {
		return nil
	}
	text := label(p, node)
	if node.Attributes.Title != nil {
		text = messageText(p, *node.Attributes.Title)
	}
	return &link{Label: text, Href: to.String()}
}

// label returns the text beside a node, made from its name where Kratos sends none.
func label(p *locale.Printer, node identity.Node) string {
	for _, message := range []*identity.Message{node.Meta.Label, node.Attributes.Label} {
		if message != nil {
			if text := messageText(p, *message); text != "" {
				return text
			}
		}
	}
	name := node.Attributes.Name
	if name == "" {
		name = node.Attributes.ID
	}
	name = name[strings.LastIndex(name, ".")+1:]
	name = plain(strings.ReplaceAll(name, "_", " "), maxName)
	first, size := utf8.DecodeRuneInString(name)
	if size == 0 {
		return p.Text("Continue")
	}
	return string(unicode.ToUpper(first)) + name[size:]
}
