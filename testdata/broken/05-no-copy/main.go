//go:build unix

// Wrong on purpose: what is pending stays in the buffer of all connections.
//
//test:replaces 05-options/eventloop
//test:fails 05-eventloop-pending: push 0 receives
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// A conn is all that the loop keeps of a connection.
type conn struct {
	peer    net.Addr
	pending []byte // what the socket has not taken yet
}

func main() {
	log.SetFlags(0)
	addr := flag.String("addr", "127.0.0.1:8080", "listen on this `address`")
	flag.Parse()
	if flag.NArg() > 0 { // an argument that no flag takes
		flag.Usage()
		os.Exit(2)
	}

	listener, err := listen(*addr)
	if err != nil {
		log.Fatalf("listen tcp %s: %v", *addr, err)
	}
	local, _ := unix.Getsockname(listener)
	fmt.Println("listening on", addrOf(local))

	conns := map[int]*conn{}    // by descriptor
	buf := make([]byte, 64<<10) // one for all of them
	for {                       // the event loop
		// What to wait for.
		list := []unix.PollFd{{Fd: int32(listener), Events: unix.POLLIN}}
		for fd, c := range conns {
			e := unix.PollFd{Fd: int32(fd), Events: unix.POLLIN}
			if len(c.pending) > 0 {
				e.Events = unix.POLLOUT
			}
			list = append(list, e)
		}
		// Wait: the only call that blocks. EINTR: a signal came first.
		_, err := unix.Poll(list, -1)
		if err != nil && err != unix.EINTR {
			log.Fatal("wait: ", err)
		}
		// Do what can be done at once.
		for _, e := range list {
			if fd := int(e.Fd); e.Revents == 0 {
				continue // not ready
			} else if fd == listener {
				if err := accept(listener, conns); err != nil {
					log.Print("accept: ", err)
				}
			} else if err := serve(fd, conns[fd], buf); err != nil {
				fmt.Println(conns[fd].peer, err)
				unix.Close(fd)
				delete(conns, fd)
			}
		}
	}
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
	unix.SetNonblock(fd, true)
	unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1)
	unix.SetsockoptInt(fd, unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 0)
	if err := unix.Bind(fd, name); err != nil {
		return 0, os.NewSyscallError("bind", err)
	}
	return fd, os.NewSyscallError("listen", unix.Listen(fd, 4096))
}

// accept takes the next connection out of the queue, if there is one.
func accept(listener int, conns map[int]*conn) error {
	fd, name, err := unix.Accept(listener)
	if err == unix.EAGAIN || err == unix.ECONNABORTED {
		return nil // the peer did not wait
	} else if err != nil {
		return err
	}
	unix.CloseOnExec(fd)
	unix.SetNonblock(fd, true)
	unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	conns[fd] = &conn{peer: addrOf(name)}
	fmt.Println("call from", conns[fd].peer)
	return nil
}

// serve does what needs no waiting, and fails when the connection is over.
func serve(fd int, c *conn, buf []byte) error {
	reply := c.pending
	if len(reply) == 0 {
		n, err := unix.Read(fd, buf)
		if err == unix.EAGAIN {
			return nil // nothing there after all
		} else if err != nil {
			return fmt.Errorf("broke the call: read: %w", err)
		} else if n == 0 {
			return fmt.Errorf("hung up")
		}
		reply = upper(buf[:n])
	}
	n, err := unix.Write(fd, reply) // takes all, a part, or nothing: EAGAIN
	if err != nil && err != unix.EAGAIN {
		return fmt.Errorf("broke the call: write: %w", err)
	}
	c.pending = reply[max(n, 0):] // wrong: buf is for the next one
	return nil
}

// sockaddr is an address as the kernel reads it.
func sockaddr(a *net.TCPAddr) (family int, name unix.Sockaddr) {
	if ip := a.IP.To4(); ip != nil {
		return unix.AF_INET, &unix.SockaddrInet4{Port: a.Port, Addr: [4]byte(ip)}
	}
	name6 := &unix.SockaddrInet6{Port: a.Port}
	copy(name6.Addr[:], a.IP) // none is [::], any address of this machine
	return unix.AF_INET6, name6
}

// addrOf is an address as we read it.
func addrOf(name unix.Sockaddr) net.Addr {
	if name, ok := name.(*unix.SockaddrInet4); ok {
		return &net.TCPAddr{IP: name.Addr[:], Port: name.Port}
	}
	name6 := name.(*unix.SockaddrInet6)
	return &net.TCPAddr{IP: name6.Addr[:], Port: name6.Port}
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
