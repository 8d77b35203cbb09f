//go:build !poll

// Eventloop serves any number of connections in one goroutine: it waits for
// all of them together, with epoll, and never for a single one.
package main

import (
	"bytes"
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
}

func main() {
	log.SetFlags(0)
	addr := flag.String("addr", "127.0.0.1:8080", "listen on this `address`")
	flag.Parse()
	if flag.NArg() > 0 { // an argument that no flag takes
		flag.Usage()
		os.Exit(2)
	}
	time.Sleep(1) // the runtime opens its own poller now, not when it can't

	listener, err := listen(*addr)
	if err != nil {
		log.Fatalf("listen tcp %s: %v", *addr, err)
	}
	local, _ := unix.Getsockname(listener)
	fmt.Println("listening on", addrOf(local))

	poller, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err == nil {
		err = watch(poller, unix.EPOLL_CTL_ADD, listener, unix.EPOLLIN)
	}
	if err != nil {
		log.Fatal("epoll: ", err)
	}
	events := make([]unix.EpollEvent, 128)
	conns := map[int]*conn{}    // by descriptor
	buf := make([]byte, 64<<10) // one for all of them
	pauseAccept, said := false, false
	for { // the event loop
		timeout := -1 // for ever
		if pauseAccept {
			timeout = 50 // milliseconds
		}
		// Wait: the only call that blocks. EINTR: a signal came first.
		n, err := unix.EpollWait(poller, events, timeout)
		if err != nil && err != unix.EINTR {
			log.Fatal("wait: ", err)
		}
		if pauseAccept {
			watch(poller, unix.EPOLL_CTL_MOD, listener, unix.EPOLLIN)
			pauseAccept = false
		}
		// Do what can be done at once.
		for _, e := range events[:max(n, 0)] {
			if fd := int(e.Fd); fd == listener {
				if err := accept(listener, conns, poller); err != nil {
					watch(poller, unix.EPOLL_CTL_MOD, listener, 0)
					if !said {
						log.Printf("accept: %v; callers have to wait", err)
					}
					pauseAccept, said = true, true
				}
			} else if err := serve(fd, conns[fd], buf); err != nil {
				fmt.Println(conns[fd].peer, err)
				unix.Close(fd)
				delete(conns, fd)
			} else if len(conns[fd].pending) > 0 {
				watch(poller, unix.EPOLL_CTL_MOD, fd, unix.EPOLLOUT)
			} else if e.Events&unix.EPOLLOUT != 0 { // nothing more
				watch(poller, unix.EPOLL_CTL_MOD, fd, unix.EPOLLIN)
			}
		}
	}
}

// watch changes the list of what to wait for, which the kernel keeps.
func watch(poller, op, fd int, events uint32) error {
	e := unix.EpollEvent{Fd: int32(fd), Events: events}
	return unix.EpollCtl(poller, op, fd, &e)
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
func accept(listener int, conns map[int]*conn, poller int) error {
	fd, name, err := unix.Accept(listener)
	if err == unix.EAGAIN || err == unix.ECONNABORTED {
		return nil // the peer did not wait
	} else if err != nil {
		return err
	}
	unix.CloseOnExec(fd)
	unix.SetNonblock(fd, true)
	unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	err = watch(poller, unix.EPOLL_CTL_ADD, fd, unix.EPOLLIN)
	if err != nil {
		unix.Close(fd)
		return err
	}
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
	c.pending = bytes.Clone(reply[max(n, 0):]) // buf is for the next one
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
