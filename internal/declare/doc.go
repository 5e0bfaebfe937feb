// Package declare keeps the OAuth2 clients of the file as the file says.
package declare
