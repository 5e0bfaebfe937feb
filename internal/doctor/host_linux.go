package doctor

import "syscall"

func spaceOf(folder string) (Space, error) {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(folder, &fs); err != nil {
		return Space{}, err
	}
	block := uint64(max(fs.Bsize, 0))
	return Space{Size: fs.Blocks * block, Free: fs.Bavail * block, Inodes: fs.Files, FreeInodes: fs.Ffree}, nil
}
