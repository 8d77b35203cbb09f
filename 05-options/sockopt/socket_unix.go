//go:build unix

package main

import (
	"fmt"
	"net/netip"

	"golang.org/x/sys/unix"
)

type handle = int

// connectEx returns what connect says at once, and what SO_ERROR says later.
func connectEx(addr netip.AddrPort) string {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	check("socket", err)
	defer unix.Close(fd)
	check("O_NONBLOCK", unix.SetNonblock(fd, true))
	to := &unix.SockaddrInet4{Port: int(addr.Port()), Addr: addr.Addr().As4()}
	said := unix.Connect(fd, to)

	wait := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}
	_, err = unix.Poll(wait, -1)
	for err == unix.EINTR { // a signal came first
		_, err = unix.Poll(wait, -1)
	}
	check("poll", err)
	number, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR)
	check("SO_ERROR", err)
	return fmt.Sprintf("connect: %v\nSO_ERROR: %v", said, unix.Errno(number))
}
