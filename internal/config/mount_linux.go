package config

import "syscall"

// mountedReadOnly reports whether nobody in this mount namespace can change a file.
func mountedReadOnly(file string) bool {
	const readOnly = 1 // ST_RDONLY (statvfs(3))
	var fs syscall.Statfs_t
	return syscall.Statfs(file, &fs) == nil && fs.Flags&readOnly != 0
}
