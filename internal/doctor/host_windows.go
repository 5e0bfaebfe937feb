package doctor

// MostFiles is how many files this process may have open, 0 where nobody tells.
func MostFiles() uint64 { return 0 }
