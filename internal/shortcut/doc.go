// Package shortcut takes a browser's way from part to part of one origin inside the process: where a redirect
// leads to another address of ours that only redirects again, the browser is sent to the last one at once.
package shortcut
