package doctor

import "io/fs"

// ownerOf knows nobody: files have lists of rights there.
func ownerOf(fs.FileInfo) (uid int, known bool) { return 0, false }
