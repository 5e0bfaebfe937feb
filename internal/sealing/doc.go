// Package sealing knows which secret still opens what in the databases and who serves with which, and seals anew with the first one.
package sealing
