//go:build unix && !aix && !solaris

package main

import (
	"errors"
	"net"
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

// stale reports whether a socket is there, and nobody listens on it.
func stale(path string) bool {
	conn, err := net.Dial("unixgram", path)
	if err == nil { // a live server for datagrams
		conn.Close()
	}
	return errors.Is(err, syscall.ECONNREFUSED)
}

// umask takes permissions away from all files that are made from now on.
func umask(mask int) { syscall.Umask(mask) }
