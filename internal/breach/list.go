package breach

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the list
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"
)

// hashes are sorted, each of width bytes. With fewer than 2^17 of them, one good password in eight million is
// taken for a bad one.
//
//go:embed list.bin
var hashes []byte

const width = 5

// Two kinds of entries share the file: whole passwords, and shorter words that people make long enough by
// what they append.
const (
	whole = "whole\x00"
	stem  = "stem\x00"
)

// Size is the number of entries of the list.
func Size() int { return len(hashes) / width }

// Listed reports whether the list in the binary knows a password: as it is, in any case, as a word of the
// list with a few digits or signs around it, as one thing repeated, or as a row of following characters.
func Listed(password string) bool {
	lower := strings.ToLower(password)
	if has(whole + lower) {
		return true
	}
	for _, core := range cores(lower) {
		if has(stem+core) || has(whole+core) {
			return true
		}
	}
	return repeats(lower) || row(lower)
}

func has(entry string) bool {
	key := Key(entry)
	n := Size()
	at := sort.Search(n, func(i int) bool { return bytes.Compare(hashes[i*width:(i+1)*width], key) >= 0 })
	return at < n && bytes.Equal(hashes[at*width:(at+1)*width], key)
}

// Key is what the list keeps of an entry.
func Key(entry string) []byte {
	sum := sha256.Sum256([]byte(entry))
	return sum[:width]
}

// Entry returns the entry that the list has for a password of an attacker's list, and false for one that is
// too short to matter.
func Entry(password string) (string, bool) {
	const longEnough, worthMaking = 12, 6
	lower := strings.ToLower(password)
	switch n := utf8.RuneCountInString(lower); {
	case n >= longEnough:
		return whole + lower, true
	case n >= worthMaking && strings.IndexFunc(lower, unicode.IsLetter) >= 0:
		return stem + lower, true
	}
	return "", false
}

// cores returns what is left of a password without the digits and signs at its ends, where those are few: a
// long number may be a secret.
func cores(lower string) []string {
	const mostAround = 6
	var out []string
	trimmed := strings.TrimRightFunc(lower, notLetter)
	if cut := lower[len(trimmed):]; cut != "" && utf8.RuneCountInString(cut) <= mostAround {
		out = append(out, trimmed)
	}
	inner := strings.TrimLeftFunc(trimmed, notLetter)
	if utf8.RuneCountInString(lower)-utf8.RuneCountInString(inner) <= mostAround {
		out = append(out, inner)
	}
	return out
}

func notLetter(r rune) bool { return !unicode.IsLetter(r) }

// repeats reports whether a password is a short piece over and over, or a listed one twice.
func repeats(s string) bool {
	const shortPiece = 5
	for n := 1; n <= len(s)/2; n++ {
		piece := s[:n]
		if strings.Repeat(piece, len(s)/n+1)[:len(s)] != s {
			continue
		}
		return n <= shortPiece || has(stem+piece) || has(whole+piece)
	}
	return false
}

// row reports whether each character follows the one before, up or down, as in 123456789012 or abcdefghijkl.
func row(s string) bool {
	const fewest = 6
	up, down, n := true, true, 0
	var last rune
	for i, r := range s {
		if n++; i > 0 {
			up = up && (r == last+1 || last == '9' && r == '0')
			down = down && (r == last-1 || last == '0' && r == '9')
		}
		last = r
	}
	return n >= fewest && (up || down)
}
