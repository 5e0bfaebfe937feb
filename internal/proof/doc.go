// Package proof knows on which versions of CockroachDB the project's own suite was executed, by the result
// files in its folder results: one per version, as make crdb-proof writes them.
package proof
