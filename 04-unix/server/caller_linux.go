package main

import (
	"fmt"
	"net"
	"syscall"
)

// caller says which process has connected, and which user's it is.
func caller(conn net.Conn) (who string) {
	raw, err := conn.(*net.UnixConn).SyscallConn()
	if err != nil {
		return ""
	}
	raw.Control(func(fd uintptr) {
		peer, err := syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
		if err == nil {
			who = fmt.Sprintf(" from pid %d, uid %d", peer.Pid, peer.Uid)
		}
	})
	return who
}
