package socket

import (
	"context"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
)

// Dial connects to a socket of this user's, or of root's. A link is not followed, and a socket whose
// owner, or whose process where the system tells, is somebody else is refused: who can put a socket of
// his own in the folder would be told what is meant for ours.
func Dial(ctx context.Context, path string) (net.Conn, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if info.Mode()&fs.ModeSocket == 0 {
		return nil, fmt.Errorf("%s is no socket (%v); remove it and start identityd again", path, info.Mode().Type())
	}
	trusted := func(uid int) bool {
		me := os.Geteuid()
		return uid == me || uid == 0 || me == 0 && uid == folderOwner(path)
	}
	if uid, known := ownerOf(info); known && !trusted(uid) {
		return nil, fmt.Errorf("%s belongs to user %d; run this as that user, or remove it", path, uid)
	}
	c, err := connect(ctx, path)
	if err != nil {
		return nil, err
	}
	if uid, known := peer(c); known && !trusted(uid) {
		c.Close()
		return nil, fmt.Errorf("the process at %s runs as user %d, which is neither this user nor root", path, uid)
	}
	return c, nil
}

// folderOwner is whom root trusts in a folder: the user it belongs to, which a service runs as.
func folderOwner(path string) int {
	info, err := os.Stat(filepath.Dir(path))
	if err != nil {
		return -1
	}
	uid, known := ownerOf(info)
	if !known {
		return -1
	}
	return uid
}

func connect(ctx context.Context, path string) (net.Conn, error) {
	short, done, err := shorten(path)
	if err != nil {
		return nil, err
	}
	defer done()
	var d net.Dialer
	return d.DialContext(ctx, "unix", short)
}

// acquainted is a connection whose other end is known. Its address goes into logs.
type acquainted struct {
	net.Conn

	uid int
}

// RemoteAddr implements net.Conn.
func (c *acquainted) RemoteAddr() net.Addr { return Peer(c.uid) }
