// Package breach tells passwords that attackers try first, by a list in the binary and, where that is asked
// for, by a service that is told five characters of a hash.
//
// The list is made by internal/breach/make of the most used of SecLists' top million (the "10 million
// passwords" that Mark Burnett gave to the public domain) and of zxcvbn-ts, both under the MIT license; its
// notices are in list.txt. What it holds are hashes cut to five bytes: nobody can read a password from it.
package breach
