// Package signout finishes what the end of a session begins: the sessions of the other engine that
// hang on it end too, and applications that asked for it are told by back channel, until it worked.
package signout
