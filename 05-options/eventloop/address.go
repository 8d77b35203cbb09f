//go:build unix

package main

import (
	"net"
	"net/netip"

	"golang.org/x/sys/unix"
)

// sockaddrOf writes an address as the kernel reads it.
func sockaddrOf(host *net.TCPAddr) (family int, addr unix.Sockaddr) {
	ip := host.AddrPort().Addr().Unmap()
	if !ip.IsValid() {
		ip = netip.IPv6Unspecified() // ":8080" is for all that call here
	}
	if ip.Is4() {
		addr = &unix.SockaddrInet4{Port: host.Port, Addr: ip.As4()}
		return unix.AF_INET, addr
	}
	addr = &unix.SockaddrInet6{Port: host.Port, Addr: ip.As16()}
	return unix.AF_INET6, addr
}

// addrOf reads an address as the kernel writes it.
func addrOf(name unix.Sockaddr) (addr netip.AddrPort) {
	var ip netip.Addr
	var port int
	switch name := name.(type) {
	case *unix.SockaddrInet4:
		ip, port = netip.AddrFrom4(name.Addr), name.Port
	case *unix.SockaddrInet6:
		ip, port = netip.AddrFrom16(name.Addr).Unmap(), name.Port
	}
	return netip.AddrPortFrom(ip, uint16(port))
}
