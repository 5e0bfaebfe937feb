// Package upstream says which commits of the engines are linked, and what became of the fixes that came after them.
package upstream
