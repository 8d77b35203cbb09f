//go:build unix

// Eventloop closes what has been silent for too long: a heap has the next
// deadline on top, and poll waits no longer than until then.
//
//test:replaces 05-options/eventloop
package main

import (
	"bytes"
	"container/heap"
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
	idle := flag.Duration("idle", time.Minute, "close a connection that has been idle for this long")
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

	conns := map[int]*conn{} // by descriptor
	var deadlines byDeadline
	buf := make([]byte, 64<<10) // one for all of them
	pauseAccept, said := false, false
	for { // the event loop
		// What to wait for, and how long: -1 is for ever.
		list := []unix.PollFd{{Fd: int32(listener), Events: unix.POLLIN}}
		timeout := -1
		if len(deadlines) > 0 {
			wait := time.Until(deadlines[0].deadline)
			timeout = max(0, int(wait.Milliseconds())+1)
		}
		if pauseAccept {
			list[0].Events, timeout, pauseAccept = 0, 50, false // ms
		}
		for fd, c := range conns {
			e := unix.PollFd{Fd: int32(fd), Events: unix.POLLIN}
			if len(c.pending) > 0 {
				e.Events = unix.POLLOUT
			}
			list = append(list, e)
		}
		// Wait: the only call that blocks. EINTR: a signal came first.
		_, err := unix.Poll(list, timeout)
		if err != nil && err != unix.EINTR {
			log.Fatal("wait: ", err)
		}
		// Do what can be done at once.
		for _, e := range list {
			if fd := int(e.Fd); e.Revents == 0 {
				continue // not ready
			} else if fd == listener {
				if c, err := accept(listener, conns); err != nil {
					if !said {
						log.Printf("accept: %v; callers have to wait", err)
					}
					pauseAccept, said = true, true
				} else if c != nil {
					c.deadline = time.Now().Add(*idle)
					heap.Push(&deadlines, c)
				}
			} else {
				c := conns[fd]
				if err := serve(fd, c, buf); err != nil {
					fmt.Println(c.peer, err)
					unix.Close(fd)
					delete(conns, fd)
					heap.Remove(&deadlines, c.index)
					continue
				}
				c.deadline = time.Now().Add(*idle)
				heap.Fix(&deadlines, c.index)
			}
		}
		for len(deadlines) > 0 && time.Now().After(deadlines[0].deadline) {
			c := heap.Pop(&deadlines).(*conn)
			fmt.Println(c.peer, "was silent for", *idle)
			unix.Close(c.fd)
			delete(conns, c.fd)
		}
	}
}

// byDeadline is a heap of connections, for package heap.
type byDeadline []*conn

func (h byDeadline) Len() int           { return len(h) }
func (h byDeadline) Less(i, j int) bool { return h[i].deadline.Before(h[j].deadline) }

func (h byDeadline) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

func (h *byDeadline) Push(c any) {
	c.(*conn).index = len(*h)
	*h = append(*h, c.(*conn))
}

func (h *byDeadline) Pop() any {
	last := len(*h) - 1
	c := (*h)[last]
	*h = (*h)[:last]
	return c
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
func accept(listener int, conns map[int]*conn) (*conn, error) {
	fd, name, err := unix.Accept(listener)
	if err == unix.EAGAIN || err == unix.ECONNABORTED {
		return nil, nil // the peer did not wait
	} else if err != nil {
		return nil, err
	}
	unix.CloseOnExec(fd)
	unix.SetNonblock(fd, true)
	unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	conns[fd] = &conn{peer: addrOf(name), fd: fd}
	fmt.Println("call from", conns[fd].peer)
	return conns[fd], nil
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
