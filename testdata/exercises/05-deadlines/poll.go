//go:build unix

package main

import (
	"container/heap"
	"fmt"
	"log"
	"time"

	"golang.org/x/sys/unix"
)

// loop waits for all connections together, with poll. One
// that has been idle for too long it closes.
func loop(listener int, idle time.Duration) error {
	conns := map[int]*conn{} // by descriptor
	var deadlines byDeadline
	buf := make([]byte, 64<<10) // one for all of them
	pauseAccept, said := false, false
	for {
		// What to wait for, and how long: -1 is forever.
		list := []unix.PollFd{{Fd: int32(listener), Events: unix.POLLIN}}
		timeout := -1
		if pauseAccept {
			list[0].Events, timeout, pauseAccept = 0, 50, false // ms
		}
		if len(deadlines) > 0 {
			wait := time.Until(deadlines[0].deadline)
			next := max(0, int(wait.Milliseconds())+1)
			if timeout < 0 || next < timeout {
				timeout = next
			}
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
			return err
		}
		// Do what can be done at once.
		for _, e := range list {
			fd := int(e.Fd)
			switch {
			case e.Revents == 0: // not ready
			case fd == listener:
				fd, peer, err := accept(listener)
				if err == unix.EAGAIN || err == unix.ECONNABORTED {
					continue // the peer did not wait
				}
				if err != nil {
					if !said {
						log.Printf("accept: %v; callers have to wait", err)
					}
					pauseAccept, said = true, true
					continue
				}
				c := &conn{peer: peer, fd: fd, deadline: time.Now().Add(idle)}
				conns[fd] = c
				heap.Push(&deadlines, c)
				fmt.Println("call from", peer)
			default:
				c := conns[fd]
				c.deadline = time.Now().Add(idle)
				heap.Fix(&deadlines, c.index)
				if err := serve(fd, c, buf); err != nil {
					heap.Remove(&deadlines, c.index)
					end(fd, conns, err)
				}
			}
		}
		for len(deadlines) > 0 && time.Now().After(deadlines[0].deadline) {
			c := heap.Pop(&deadlines).(*conn)
			end(c.fd, conns, fmt.Errorf("was silent for %v", idle))
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
