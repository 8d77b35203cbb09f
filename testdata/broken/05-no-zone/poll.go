//go:build unix

package main

import (
	"fmt"
	"log"

	"golang.org/x/sys/unix"
)

// loop waits for all connections together, with poll.
func loop(listener int) error {
	conns := map[int]*conn{}    // by descriptor
	buf := make([]byte, 64<<10) // one for all of them
	pauseAccept, said := false, false
	for {
		// What to wait for, and how long: -1 is forever.
		list := []unix.PollFd{{Fd: int32(listener), Events: unix.POLLIN}}
		timeout := -1
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
				conns[fd] = &conn{peer: peer}
				fmt.Println("call from", peer)
			default:
				if err := serve(fd, conns[fd], buf); err != nil {
					end(fd, conns, err)
				}
			}
		}
	}
}
