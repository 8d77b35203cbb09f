package main

import (
	"errors"
	"fmt"
	"log"
	"net"
	"syscall"
	"unsafe"
)

// caller says which process has connected, and which user's it is.
func caller(conn net.Conn) string {
	unixConn, ok := conn.(*net.UnixConn)
	if !ok {
		return ""
	}
	raw, err := unixConn.SyscallConn()
	if err != nil {
		log.Print(err)
		return ""
	}
	const solLocal, localPeerCred, localPeerPID = 0, 1, 2
	var peer struct { // struct xucred
		version, uid uint32
		n            int16
		groups       [16]uint32
	}
	var pid int
	var peerErr error
	err = raw.Control(func(fd uintptr) {
		pid, peerErr = syscall.GetsockoptInt(int(fd), solLocal, localPeerPID)
		size := uint32(unsafe.Sizeof(peer))
		if _, _, errno := syscall.Syscall6(syscall.SYS_GETSOCKOPT, fd, solLocal, localPeerCred,
			uintptr(unsafe.Pointer(&peer)), uintptr(unsafe.Pointer(&size)), 0); errno != 0 {
			peerErr = errno
		}
	})
	if err := errors.Join(err, peerErr); err != nil {
		log.Print(err)
		return ""
	}
	return fmt.Sprintf(" from pid %d, uid %d", pid, peer.uid)
}
