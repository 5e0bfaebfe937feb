// Package installation keeps what an installation is to the outside in one row of its database, and
// says what a file that disagrees would break.
package installation
