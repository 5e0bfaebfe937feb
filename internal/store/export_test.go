package store

// Numbered is what engines do with question marks.
var Numbered = numbered
