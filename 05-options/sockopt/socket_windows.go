package main

import (
	"net"
	"net/netip"
	"syscall"
)

type handle = syscall.Handle

// connectEx waits: on Windows package net has no socket that does not.
func connectEx(addr netip.AddrPort) string {
	conn, err := net.DialTCP("tcp", nil, net.TCPAddrFromAddrPort(addr))
	if err == nil { // nobody listens there, so this is not to be
		conn.Close()
		return "connected"
	}
	return err.Error()
}
