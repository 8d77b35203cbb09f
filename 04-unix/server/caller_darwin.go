package main

import (
	"fmt"
	"net"
	"syscall"
	"unsafe"
)

// caller says which process has connected, and which user's it is.
func caller(conn net.Conn) (who string) {
	raw, err := conn.(*net.UnixConn).SyscallConn()
	if err != nil {
		return ""
	}
	const solLocal, localPeerCred, localPeerPID = 0, 1, 2
	var cred struct { // struct xucred
		version, uid uint32
		n            int16
		groups       [16]uint32
	}
	raw.Control(func(fd uintptr) {
		size := uint32(unsafe.Sizeof(cred))
		_, _, errno := syscall.Syscall6(syscall.SYS_GETSOCKOPT, fd, solLocal, localPeerCred,
			uintptr(unsafe.Pointer(&cred)), uintptr(unsafe.Pointer(&size)), 0)
		pid, err := syscall.GetsockoptInt(int(fd), solLocal, localPeerPID)
		if errno == 0 && err == nil {
			who = fmt.Sprintf(" from pid %d, uid %d", pid, cred.uid)
		}
	})
	return who
}
