// Package configs holds the example configurations and the identity schemas that come with the
// program.
package configs
