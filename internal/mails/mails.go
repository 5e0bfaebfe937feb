package mails

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"example.com/identityd/internal/locale"
)

// defaultLife is how long Kratos' codes and links are good where nothing else is set.
const defaultLife = time.Hour

// Brand is how the mails look and whom they name.
type Brand struct {
	Name string // empty means "identityd"
	// Accent is the color of buttons, #rrggbb; empty means ours.
	Accent string
	// Support is where people get help, an https or mailto address, or empty.
	Support string
}

// Config is what New needs.
type Config struct {
	// Texts are the languages offered, the first one by default; nil means English.
	Texts *locale.Texts
	Brand Brand
	// Pages is the address of the pages.
	Pages string
	// CodeLife and LinkLife are how long a code and a link are good; zero means an hour.
	CodeLife, LinkLife time.Duration
}

// Mails writes mails. It is safe for concurrent use.
type Mails struct {
	texts              *locale.Texts
	brand              Brand
	pages              string
	codeLife, linkLife time.Duration
}

// New checks cfg.
func New(cfg Config) (*Mails, error) {
	texts := cfg.Texts
	if texts == nil {
		var err error
		if texts, err = locale.Load(nil); err != nil {
			return nil, fmt.Errorf("loading the texts of mails: %w", err)
		}
	}
	m := &Mails{
		texts: texts, brand: cfg.Brand, pages: strings.TrimRight(cfg.Pages, "/"),
		codeLife: cfg.CodeLife, linkLife: cfg.LinkLife,
	}
	if m.brand.Name == "" {
		m.brand.Name = "identityd"
	}
	if m.brand.Accent == "" {
		m.brand.Accent = "#0b5f59"
	}
	m.brand.Accent = whole(m.brand.Accent)
	if !regexp.MustCompile(`^#[0-9a-fA-F]{6}$`).MatchString(m.brand.Accent) {
		return nil, fmt.Errorf("coloring mails: %q is no color like #0b5f59", m.brand.Accent)
	}
	if m.codeLife == 0 {
		m.codeLife = defaultLife
	}
	if m.linkLife == 0 {
		m.linkLife = defaultLife
	}
	// What cannot be rendered is known at start, and not when somebody waits for the mail. All kinds have
	// the skeleton in common, and what differs is in the binary, where tests render all of it.
	if _, err := m.Preview(VerificationCode, m.texts.Default().Lang()); err != nil {
		return nil, err
	}
	return m, nil
}

// Printer returns the language with this tag, or the default one, for letters of our own.
func (m *Mails) Printer(lang string) *locale.Printer {
	if p, ok := m.texts.In(lang); ok {
		return p
	}
	return m.texts.Default()
}

// Languages returns the languages that mails are written in, the default one first.
func (m *Mails) Languages() []*locale.Printer { return m.texts.Offered() }
