// Package demo is a small application that signs people in with identityd and shows every request
// and every token on the way.
package demo
