package main

import (
	"strconv"
	"syscall"
)

const reuse = -1 // on Windows others could take our calls then

// setsockopt is the system call. SO_LINGER is the only option of ours that is
// more than a number.
func setsockopt(fd uintptr, o option) error {
	if o.name == "SO_LINGER" {
		on := syscall.Linger{Onoff: 1, Linger: int32(o.value)}
		return syscall.SetsockoptLinger(syscall.Handle(fd), o.level, o.number, &on)
	}
	return syscall.SetsockoptInt(syscall.Handle(fd), o.level, o.number, o.value)
}

// getsockopt is the system call, and returns what is to be printed.
func getsockopt(fd uintptr, o option) string {
	is, err := syscall.GetsockoptInt(syscall.Handle(fd), o.level, o.number)
	if err != nil {
		return err.Error()
	}
	if o.name == "SO_LINGER" { // two halves: whether it is on, and the seconds
		if is&0xffff == 0 {
			return "off"
		}
		is >>= 16
	}
	return strconv.Itoa(is)
}
