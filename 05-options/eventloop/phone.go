//go:build unix

package main

import (
	"net"
	"net/netip"
	"os"

	"golang.org/x/sys/unix"
)

// listen makes a phone of its system calls. It returns its descriptor, and
// the address it has.
func listen(addr string) (phone int, at netip.AddrPort, err error) {
	host, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		return 0, at, err
	}

	// Buy a phone (socket). No call on it shall ever wait.
	family, sockaddr := sockaddrOf(host)
	phone, err = unix.Socket(family, unix.SOCK_STREAM, 0)
	if err != nil {
		return 0, at, os.NewSyscallError("socket", err)
	}
	if err := unix.SetNonblock(phone, true); err != nil {
		return 0, at, os.NewSyscallError("fcntl", err)
	}

	// Put the card in (bind), stand by (listen).
	level, option := unix.SOL_SOCKET, unix.SO_REUSEADDR
	if err := unix.SetsockoptInt(phone, level, option, 1); err != nil {
		return 0, at, os.NewSyscallError("setsockopt", err)
	}
	if err := unix.Bind(phone, sockaddr); err != nil {
		return 0, at, os.NewSyscallError("bind", err)
	}
	if err := unix.Listen(phone, backlog); err != nil {
		return 0, at, os.NewSyscallError("listen", err)
	}
	name, err := unix.Getsockname(phone)
	return phone, addrOf(name), os.NewSyscallError("getsockname", err)
}

const backlog = 4096 // the system cuts it to what it allows

// accept answers a call, if there is one. No call on it waits either.
func accept(phone int) (fd int, from netip.AddrPort, err error) {
	fd, name, err := unix.Accept(phone)
	if err != nil {
		return 0, from, err
	}
	unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	if err := unix.SetNonblock(fd, true); err != nil {
		unix.Close(fd)
		return 0, from, err
	}
	return fd, addrOf(name), nil
}
