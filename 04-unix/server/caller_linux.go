package main

import (
	"fmt"
	"net"
	"syscall"
)

// caller says who calls: which process, and of which user.
func caller(conn *net.UnixConn) string {
	socket, err := conn.SyscallConn()
	if err != nil {
		return ""
	}
	var who *syscall.Ucred
	socket.Control(func(fd uintptr) {
		who, _ = syscall.GetsockoptUcred(int(fd),
			syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	})
	if who == nil {
		return ""
	}
	return fmt.Sprintf(" from pid %d, uid %d", who.Pid, who.Uid)
}
