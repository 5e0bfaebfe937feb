package ui

import (
	"html/template"
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"example.com/identityd/internal/identity"
	"example.com/identityd/internal/locale"
)

// textRow is a text to read or to keep: the secret of an authenticator app, recovery codes.
type textRow struct {
	Label, Text string
	Items       []string
}

type imageRow struct {
	Source        template.URL
	Width, Height int
	Alt           string
}

func newTextRow(p *locale.Printer, node identity.Node) *textRow {
	t := &textRow{Label: label(p, node)}
	message := node.Attributes.Text
	if message == nil {
		return t
	}
	t.Text = messageText(p, *message)
	secrets, _ := message.Context["secrets"].([]any)
	for _, secret := range secrets {
		if one, ok := secret.(map[string]any); ok {
			t.Items = append(t.Items, plain(valueText(one["text"]), maxSentence))
		}
	}
	return t
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
