// Package incident is what to do after a leak: playbooks of steps that are told first, done one after the other, and
// gone on with where one failed; and what a copy of the databases gives to whoever has it.
package incident
