// Package declare keeps the OAuth2 clients and the people of the file as the file says: what differs is a
// plan, and only what the file made is ever changed or removed.
package declare
