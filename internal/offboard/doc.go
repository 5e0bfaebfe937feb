// Package offboard ends all access of a person in both engines: sessions, remembered sign-ins, consents, tokens and
// codes, by a durable order that every process carries on until it is done.
package offboard
