package socket

import (
	"os"
	"strconv"
)

// Peer is who is at the other end of a connection, as an address.
type Peer int

// Network implements net.Addr.
func (Peer) Network() string { return "unix" }

// String implements net.Addr.
func (p Peer) String() string { return "uid=" + strconv.Itoa(int(p)) }

// Folder says what is wrong with a folder for a socket that is to be this user's alone; empty means
// nothing.
func Folder(folder string) string {
	info, err := os.Stat(folder)
	if err != nil {
		return err.Error()
	}
	uid, known := ownerOf(info)
	switch {
	case !info.IsDir():
		return folder + " is no folder"
	case known && uid != os.Geteuid() && uid != 0:
		return folder + " belongs to user " + strconv.Itoa(uid) + ", who can put another socket there"
	case known && info.Mode().Perm()&0o022 != 0 && info.Mode()&os.ModeSticky == 0:
		return "others may write to " + folder + " (" + info.Mode().Perm().String() + ") and put another socket there; chmod go-w it"
	}
	return ""
}
