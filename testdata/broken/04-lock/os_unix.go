//go:build unix && !aix && !solaris

package main

import (
	"os"
	"syscall"
)

// lock takes a lock. It lasts until the file is closed, or the program ends.
func lock(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return file, nil
	}
	file.Close()
	if err == syscall.EWOULDBLOCK { // another server is starting
		err = syscall.EADDRINUSE
	}
	return nil, &os.PathError{Op: "lock", Path: path, Err: err}
}
