// Package why tells of one request, and of the sign-in that it is a step of, why it ended as it did and what to do
// about it: from lines of the log, of which a process remembers the last ones, and from the audit trail.
package why
