// Package outage turns an answer that a failing database caused into 503, because the engines take an
// outage for a verdict: "inactive", "invalid client", "wrong password".
package outage
