//go:build unix

// Eventloop closes what has been silent for too long: a heap has the next
// deadline on top, and poll waits no longer than until then.
//
//test:replaces 05-options/eventloop
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// A conn is all that the loop keeps of a connection.
type conn struct {
	peer    net.Addr
	pending []byte // what the socket has not taken yet

	fd       int
	deadline time.Time
	index    int // in the heap
}

func main() {
	log.SetFlags(0)
	addr := flag.String("addr", "127.0.0.1:8080", "listen on this `address`")
	idle := flag.Duration("idle", time.Minute,
		"close a connection that has been idle for this long")
	flag.Parse()
	if flag.NArg() > 0 { // an argument that no flag takes
		flag.Usage()
		os.Exit(2)
	}
	time.Sleep(time.Nanosecond) // the runtime opens its event loop while it can

	listener, err := listen(*addr)
	if err != nil {
		log.Fatalf("listen tcp %s: %v", *addr, err)
	}
	local, err := unix.Getsockname(listener)
	if err != nil {
		log.Fatal("getsockname: ", err)
	}
	fmt.Println("listening on", addrOf(local))

	log.Fatal("wait: ", loop(listener, *idle))
}

// listen makes a listener, system call by system call.
func listen(addr string) (fd int, err error) {
	host, err := net.ResolveTCPAddr("tcp", addr)
	if err != nil {
		return 0, err
	}
	family, name := sockaddr(host)
	if fd, err = unix.Socket(family, unix.SOCK_STREAM, 0); err != nil {
		return 0, os.NewSyscallError("socket", err)
	}
	unix.CloseOnExec(fd)
	if err := unix.SetNonblock(fd, true); err != nil {
		return 0, os.NewSyscallError("fcntl", err)
	}
	unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)
	unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 0)
	if err := unix.Bind(fd, name); err != nil {
		return 0, os.NewSyscallError("bind", err)
	}
	return fd, os.NewSyscallError("listen", unix.Listen(fd, 4096))
}

// accept takes the next connection out of the queue, if there is one.
func accept(listener int) (fd int, peer net.Addr, err error) {
	fd, name, err := unix.Accept(listener)
	if err != nil {
		return 0, nil, err
	}
	unix.CloseOnExec(fd)
	if err := unix.SetNonblock(fd, true); err != nil {
		unix.Close(fd)
		return 0, nil, err
	}
	unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_KEEPALIVE, 1)
	return fd, addrOf(name), nil
}

// serve does what needs no waiting, and fails when the connection is over.
func serve(fd int, c *conn, buf []byte) error {
	reply := c.pending
	if len(reply) == 0 {
		n, err := unix.Read(fd, buf)
		if err == unix.EAGAIN {
			return nil // nothing there after all
		}
		if err != nil {
			return fmt.Errorf("broke the call: read: %w", err)
		}
		if n == 0 {
			return errors.New("hung up")
		}
		reply = upper(buf[:n])
	}
	n, err := unix.Write(fd, reply) // takes all, a part, or nothing: EAGAIN
	if err != nil && err != unix.EAGAIN {
		return fmt.Errorf("broke the call: write: %w", err)
	}
	c.pending = bytes.Clone(reply[max(n, 0):]) // buf is for the next one
	return nil
}

// end closes a connection, and says why.
func end(fd int, conns map[int]*conn, why error) {
	fmt.Println(conns[fd].peer, why)
	unix.Close(fd)
	delete(conns, fd)
}

// sockaddr is an address as the kernel reads it.
func sockaddr(a *net.TCPAddr) (family int, name unix.Sockaddr) {
	if ip := a.IP.To4(); ip != nil {
		return unix.AF_INET, &unix.SockaddrInet4{Port: a.Port, Addr: [4]byte(ip)}
	}
	name6 := &unix.SockaddrInet6{Port: a.Port}
	copy(name6.Addr[:], a.IP) // none is [::], any address of this machine
	if zone, err := net.InterfaceByName(a.Zone); err == nil {
		name6.ZoneId = uint32(zone.Index)
	}
	return unix.AF_INET6, name6
}

// addrOf is an address as we read it.
func addrOf(name unix.Sockaddr) net.Addr {
	if name, ok := name.(*unix.SockaddrInet4); ok {
		return &net.TCPAddr{IP: name.Addr[:], Port: name.Port}
	}
	name6 := name.(*unix.SockaddrInet6)
	addr := &net.TCPAddr{IP: name6.Addr[:], Port: name6.Port}
	if zone, err := net.InterfaceByIndex(int(name6.ZoneId)); err == nil {
		addr.Zone = zone.Name
	}
	return addr
}

// upper puts a to z in capitals, in b itself. All other bytes stay.
func upper(b []byte) []byte {
	for i, c := range b {
		if 'a' <= c && c <= 'z' {
			b[i] = c - 'a' + 'A'
		}
	}
	return b
}
