// Package throttle makes guessing slow: it counts the failed attempts of an address, of an account and of
// both together, and says when the next one may be made.
//
// An attempt is reserved before it is made, so that parallel ones cannot overtake the count, and given back
// when it succeeds. The first level is the memory of the process. The second is a table that the
// processes of a region share: there an attempt at an account is reserved by one statement before it is
// made, while at the token endpoint only a failure is written. When the table cannot be had, the first
// level goes on alone: a fault of the throttle keeps nobody out.
//
// Nothing is locked for good. When the failures of a key exceed what is free, each further one makes the
// next wait twice as long, from a second to a quarter of an hour, and failures leak away evenly. A
// refused attempt counts nothing, so that nobody's wait grows because others keep knocking.
//
// What a stranger can do to somebody: the count of an account from everywhere would keep its owner out too.
// It is therefore much higher than that of one address at one account, and does not apply where the
// account has proved itself before: to a browser that signed in to it (by a cookie, as OWASP's
// device cookies), and to an address that did so while this process ran.
package throttle
