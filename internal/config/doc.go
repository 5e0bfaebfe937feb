// Package config says what may be written in stack.yaml, its defaults, and all that is wrong with a
// given file.
package config
