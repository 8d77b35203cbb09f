package main

import (
	"errors"
	"fmt"
	"log"
	"net"
	"syscall"
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
	var peer *syscall.Ucred
	var peerErr error
	err = raw.Control(func(fd uintptr) {
		peer, peerErr = syscall.GetsockoptUcred(int(fd), syscall.SOL_SOCKET, syscall.SO_PEERCRED)
	})
	if err := errors.Join(err, peerErr); err != nil {
		log.Print(err)
		return ""
	}
	return fmt.Sprintf(" from pid %d, uid %d", peer.Pid, peer.Uid)
}
