// Package senderdomain looks up what a domain tells others of the mail that comes in its name.
package senderdomain
