//go:build unix

package main

import (
	"strconv"

	"golang.org/x/sys/unix"
)

const reuse = 1 // start again at once

// setsockopt is the system call. SO_LINGER is the only option of ours that is
// more than a number.
func setsockopt(fd uintptr, o option) error {
	if o.name == "SO_LINGER" {
		on := unix.Linger{Onoff: 1, Linger: int32(o.value)}
		return unix.SetsockoptLinger(int(fd), o.level, o.number, &on)
	}
	return unix.SetsockoptInt(int(fd), o.level, o.number, o.value)
}

// getsockopt is the system call, and returns what is to be printed.
func getsockopt(fd uintptr, o option) string {
	if o.name == "SO_LINGER" {
		l, err := unix.GetsockoptLinger(int(fd), o.level, o.number)
		if err != nil {
			return err.Error()
		} else if l.Onoff == 0 {
			return "off"
		}
		return strconv.Itoa(int(l.Linger))
	}
	is, err := unix.GetsockoptInt(int(fd), o.level, o.number)
	if err != nil {
		return err.Error()
	}
	return strconv.Itoa(is)
}
