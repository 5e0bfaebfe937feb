// Package security holds what was reviewed of the supply chain, and the tests that compare it with what is
// linked: reviewed.txt, vex.json and, beside the licenses, internal/licenses/third_party.txt.
package security
