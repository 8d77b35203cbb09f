//go:build unix

package main

import (
	"fmt"
	"net"

	"golang.org/x/sys/unix"
)

type handle = int

// connectEx returns what connect says at once, and what SO_ERROR says later.
func connectEx(addr *net.TCPAddr) string {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	check("socket", err)
	defer unix.Close(fd)
	unix.SetNonblock(fd, true)
	to := &unix.SockaddrInet4{Port: addr.Port, Addr: [4]byte(addr.IP.To4())}
	said := unix.Connect(fd, to)

	wait := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}
	for err = unix.EINTR; err == unix.EINTR; {
		_, err = unix.Poll(wait, -1)
	}
	number, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR)
	check("SO_ERROR", err)
	return fmt.Sprintf("connect: %v\nSO_ERROR: %v", said, unix.Errno(number))
}
