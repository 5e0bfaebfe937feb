package lookalike

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// Fault is what makes a name look like another one.
type Fault int

// Faults of a name.
const (
	// None is a name that looks like itself.
	None Fault = iota
	// Unseen is a character without a shape, or one that changes the direction of others.
	Unseen
	// Form is a letter in another form than the usual one (Unicode NFKC).
	Form
	// Alphabets are letters of several alphabets, or of one that reads as Latin throughout.
	Alphabets
)

// String says a fault in a few words.
func (f Fault) String() string {
	switch f {
	case Unseen:
		return "holds characters that cannot be seen"
	case Form:
		return "holds letters in an unusual form"
	case Alphabets:
		return "holds letters that look like those of another alphabet"
	default:
		return ""
	}
}

// Check judges a name that people are known and found by: a user name, an address, a number.
func Check(name string) Fault {
	if !utf8.ValidString(name) {
		return Unseen
	}
	if fault := characters(name); fault != None {
		return fault
	}
	local, domain, isAddress := cutLast(name, '@')
	if !isAddress {
		return words(name)
	}
	if fault := words(local); fault != None {
		return fault
	}
	return host(domain)
}

func cutLast(s string, sep byte) (before, after string, found bool) {
	if i := strings.LastIndexByte(s, sep); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

func characters(name string) Fault {
	marks, last := 0, rune(-1)
	for i, r := range name {
		switch {
		case r == ' ':
			// One between words is a name like many; others cannot be counted by looking.
			if i == 0 || i == len(name)-1 || last == ' ' {
				return Unseen
			}
		case unseen(r):
			return Unseen
		}
		if unicode.Is(unicode.Mn, r) {
			marks++
		} else {
			marks = 0
		}
		// A dot on an i, which has one, and piles of marks.
		if marks > 2 || r == 0x307 && strings.ContainsRune("ijıȷ", last) || r == 'İ' {
			return Form
		}
		last = r
	}
	// NFKC takes the vowel am of Thai and Lao apart, which everybody writes as one.
	plain := strings.NewReplacer("ำ", "า", "ຳ", "າ").Replace(name)
	if !norm.NFKC.IsNormalString(plain) || strings.IndexFunc(name, phonetic) >= 0 {
		return Form
	}
	return None
}

// unseen reports whether a character has no shape of its own: controls, formats, spaces of other widths, and
// what Unicode calls default ignorable.
func unseen(r rune) bool {
	return unicode.In(r, unicode.C, unicode.Z, unicode.Variation_Selector, unicode.Other_Default_Ignorable_Code_Point) ||
		r == 0x2800 || // the Braille pattern without dots
		!unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S)
}

// phonetic are Latin letters that no language but phonetics is written with.
func phonetic(r rune) bool {
	return r >= 0x250 && r <= 0x2AF || r >= 0x1D00 && r <= 0x1DBF
}

// words judges each word of a name by itself: a company may have a Latin and a Cyrillic one.
func words(name string) Fault {
	for _, word := range strings.FieldsFunc(name, func(r rune) bool { return !unicode.In(r, unicode.L, unicode.M) }) {
		if mixed(word) {
			return Alphabets
		}
	}
	return None
}

// host judges the domain of an address, as it is read.
func host(domain string) Fault {
	shown, err := idna.Punycode.ToUnicode(strings.ToLower(domain))
	if err != nil {
		return Form
	}
	if fault := characters(shown); fault != None {
		return fault
	}
	return words(shown)
}

// mixed reports whether a word has letters of alphabets with the same shapes, or is written in one of those
// with nothing but the shapes of Latin letters.
func mixed(word string) bool {
	found := map[*unicode.RangeTable]bool{}
	looksLatin := true
	for _, r := range word {
		for _, table := range []*unicode.RangeTable{
			unicode.Latin, unicode.Cyrillic, unicode.Greek, unicode.Armenian, unicode.Cherokee, unicode.Coptic, unicode.Lisu,
		} {
			if unicode.Is(table, r) {
				found[table] = true
			}
		}
		looksLatin = looksLatin && strings.ContainsRune(latinShapes, unicode.ToLower(r))
	}
	if len(found) > 1 {
		return true
	}
	return len(found) == 1 && !found[unicode.Latin] && looksLatin && utf8.RuneCountInString(word) > 1
}

// latinShapes are letters of Cyrillic, Greek and Armenian that read as Latin ones (Unicode TR 39,
// confusables, lower case).
const latinShapes = "аеосрхуіјѕһԁԛԝѵԍʋӏүοανυρικωѡոսցզհ"
