package main

import (
	"os"
	"syscall"
)

var probe, refused = "unix", syscall.Errno(10061) // WSAECONNREFUSED

// lock opens a file that nobody else can open until it is closed.
func lock(path string) (*os.File, error) {
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return nil, err
	}
	handle, err := syscall.CreateFile(name, syscall.GENERIC_WRITE, 0, nil, syscall.OPEN_ALWAYS, 0, 0)
	if err == syscall.Errno(32) { // ERROR_SHARING_VIOLATION
		err = syscall.EADDRINUSE
	}
	if err != nil {
		err = &os.PathError{Op: "lock", Path: path, Err: err}
	}
	return os.NewFile(uintptr(handle), path), err
}
