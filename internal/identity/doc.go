// Package identity holds the words that the UI and the two engines share: flows, nodes, sessions,
// consent requests, and the failures a person may see.
//
// The JSON names are the engines' own (Ory Kratos' "flow" and "session", Ory Hydra's
// "oAuth2ConsentRequest"), so that an adapter decodes an answer straight into these types.
package identity
