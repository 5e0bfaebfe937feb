// Package move copies the two databases of an installation into two others, of the same or of another
// kind, table by table, and proves that what arrived is what left.
package move
