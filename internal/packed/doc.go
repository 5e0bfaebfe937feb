// Package packed sends what everybody may read under gzip, and nothing else: whatever holds a secret beside words
// that somebody else chose would tell of it by its length (docs/adr/0054-compression.md).
package packed
