// Package report keeps what was measured, says what it means, draws it, and compares it with what was measured before.
package report
