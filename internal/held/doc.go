// Package held knows every place in both databases that has something of a person: it counts it, gives it to them, and removes it.
package held
