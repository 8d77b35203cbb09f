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
	if err != nil {
		return err.Error()
	}
	conn.Close()
	return "connected"
}
