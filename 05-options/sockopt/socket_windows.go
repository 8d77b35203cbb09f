package main

import (
	"net"
	"syscall"
)

type handle = syscall.Handle

// connectEx waits: on Windows package net has no socket that does not.
func connectEx(addr *net.TCPAddr) string {
	_, err := net.DialTCP("tcp", nil, addr)
	return err.Error()
}
