//go:build unix

package doctor

import "syscall"

// MostFiles is how many files this process may have open, 0 where nobody tells.
func MostFiles() uint64 {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil {
		return 0
	}
	return uint64(limit.Cur)
}
