// Package growth fills the databases of a side with as many people and tokens as one wants, by SQL that copies what the APIs wrote.
package growth
