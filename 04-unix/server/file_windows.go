package main

import "syscall"

// Windows has no datagrams through files, and a number of its own for a call
// that is refused.
const (
	ring    = "unix"
	refused = syscall.Errno(10061) // WSAECONNREFUSED
)

// lock does nothing: a folder cannot be locked.
func lock(string) (unlock func() error, err error) {
	return func() error { return nil }, nil
}

// onlyForMe does nothing: the folder says who may use the files in it.
func onlyForMe() (undo func()) { return func() {} }
