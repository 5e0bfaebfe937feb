// Package audit keeps the trail: what happened, who did it, on whom, from where and with what outcome, in one
// chain for each writer, so that what is changed or missing later shows.
package audit
