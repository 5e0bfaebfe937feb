// Package profile builds an identityd that writes a CPU profile of itself, for the compiler to optimize by, and to look at.
package profile
