//go:build unix && !aix && !solaris

package main

import (
	"os"
	"syscall"
)

var probe, refused = "unixgram", syscall.ECONNREFUSED

// lock takes a lock. It lasts until the file is closed, or the program ends.
func lock(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err == nil && syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		err = &os.PathError{Op: "lock", Path: path, Err: syscall.EADDRINUSE}
	}
	return file, err
}
