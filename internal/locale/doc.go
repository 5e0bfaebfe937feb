// Package locale says everything in the language of the person who reads it.
package locale
