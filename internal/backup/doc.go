// Package backup copies both SQLite databases of an installation, and the secrets that open them, while
// they are served from, and puts such a copy back.
//
// A backup is a folder or a .tar.gz of it: a file for each database, secrets.yaml where identityd made
// the secrets, and manifest.json, which says what they are and what they have to be.
package backup
