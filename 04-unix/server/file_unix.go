//go:build unix

package main

import (
	"os"
	"syscall"
	"time"
)

// To ring without being heard: a datagram socket cannot talk to a server of
// streams, and still learns whether somebody holds the phone.
const (
	ring    = "unixgram"
	refused = syscall.ECONNREFUSED
)

// lock waits for its turn to change something in a folder, but not for ever.
func lock(folder string) (unlock func() error, err error) {
	file, err := os.OpenFile(folder, os.O_RDONLY|syscall.O_DIRECTORY, 0)
	if err != nil {
		return nil, err
	}
	for range 100 {
		err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err != syscall.EWOULDBLOCK {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	return file.Close, err
}

// onlyForMe lets nobody but the owner use the files that are made until it
// is undone.
func onlyForMe() (undo func()) {
	before := syscall.Umask(0o177)
	return func() { syscall.Umask(before) }
}
