// Package doctor examines an installation and says what is wrong with it, and the cure.
//
// A check is a file of its own: one function that returns a Check, named in All, in the order in which people
// read it. What it needs decides whether it runs: the words that it relies on (a check is left out where the
// configuration is wrong about one of them), the database, the network, a running process. It says what it
// found as findings, of which the text names key and value and the cure is a command or a word of stack.yaml;
// none means that all is well. It looks only: what a safe fix would change goes into Finding.Fix.
//
//	func diskSpace() Check {
//		return Check{
//			Area: Machine, Name: "disk", Tells: "the disk of data_dir has space left", Words: []string{"data_dir"},
//			Run: func(ctx context.Context, s *Subject) []Finding {
//				...
//				return []Finding{Faultf("data_dir: %s has %s left", dir, left).Cured("make space")}
//			},
//		}
//	}
//
// Checks run at once, each with a deadline in its context. Examine leaves one behind that does not keep to it, and
// says so. What needs an engine is a question in Engines, which internal/stack answers: nothing here imports Ory.
// Tests give Examine a Subject of their own and the one check.
package doctor
