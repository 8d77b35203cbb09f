package main

import (
	"fmt"
	"net"
	"syscall"
	"unsafe"
)

// caller says who calls: which process, and of which user.
func caller(conn *net.UnixConn) string {
	socket, err := conn.SyscallConn()
	if err != nil {
		return ""
	}
	const solLocal, localPeerCred, localPeerPID = 0, 1, 2
	var who struct { // struct xucred
		version, uid uint32
		n            int16
		groups       [16]uint32
	}
	var pid int
	var failed error
	socket.Control(func(fd uintptr) {
		size := uint32(unsafe.Sizeof(who))
		_, _, errno := syscall.Syscall6(syscall.SYS_GETSOCKOPT,
			fd, solLocal, localPeerCred,
			uintptr(unsafe.Pointer(&who)), uintptr(unsafe.Pointer(&size)), 0)
		pid, failed = syscall.GetsockoptInt(int(fd), solLocal, localPeerPID)
		if errno != 0 {
			failed = errno
		}
	})
	if failed != nil {
		return ""
	}
	return fmt.Sprintf(" from pid %d, uid %d", pid, who.uid)
}
