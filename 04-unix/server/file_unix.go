//go:build unix

package main

import (
	"os"
	"syscall"
)

// To ring without being heard: a datagram socket cannot talk to a server of
// streams, and still learns whether somebody holds the phone.
const (
	ring    = "unixgram"
	refused = syscall.ECONNREFUSED
)

// lock waits for its turn to change something in a folder.
func lock(folder string) (unlock func() error, err error) {
	file, err := os.Open(folder)
	if err != nil {
		return nil, err
	}
	return file.Close, syscall.Flock(int(file.Fd()), syscall.LOCK_EX)
}

// onlyForMe lets nobody but the owner use the files that are made until it
// is undone.
func onlyForMe() (undo func()) {
	before := syscall.Umask(0o177)
	return func() { syscall.Umask(before) }
}
