// Package peoplefile reads files of people, as other systems export them and as they are written by hand, one person at a time.
package peoplefile
