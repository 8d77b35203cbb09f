//go:build aix || solaris

package main

import (
	"os"
	"syscall"
)

var probe, refused = "unixgram", syscall.ECONNREFUSED

// lock takes a lock. It lasts until the file is closed, or the program ends.
func lock(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err == nil && syscall.FcntlFlock(file.Fd(), syscall.F_SETLK, &syscall.Flock_t{Type: syscall.F_WRLCK}) != nil {
		err = &os.PathError{Op: "lock", Path: path, Err: syscall.EADDRINUSE}
	}
	return file, err
}
