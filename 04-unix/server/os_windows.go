package main

import (
	"errors"
	"net"
	"os"
	"syscall"
)

// lock opens a file that nobody else can open until it is closed.
func lock(path string) (*os.File, error) {
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return nil, &os.PathError{Op: "lock", Path: path, Err: err}
	}
	const shareNothing = 0
	handle, err := syscall.CreateFile(name, syscall.GENERIC_WRITE, shareNothing, nil,
		syscall.OPEN_ALWAYS, 0, 0)
	if err == syscall.Errno(32) { // ERROR_SHARING_VIOLATION: another server is starting
		err = syscall.EADDRINUSE
	}
	if err != nil {
		return nil, &os.PathError{Op: "lock", Path: path, Err: err}
	}
	return os.NewFile(uintptr(handle), path), nil
}

// stale reports whether a socket is there, and nobody listens on it. A live
// server sees a client that says nothing.
func stale(path string) bool {
	conn, err := net.Dial("unix", path)
	if err == nil {
		conn.Close()
	}
	return errors.Is(err, syscall.Errno(10061)) // WSAECONNREFUSED
}

// umask does nothing: the folder says who may connect.
func umask(int) {}
