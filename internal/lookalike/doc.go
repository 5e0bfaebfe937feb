// Package lookalike tells names that look like other names: with characters that nobody sees, letters of
// several alphabets, or letters in another form.
package lookalike
