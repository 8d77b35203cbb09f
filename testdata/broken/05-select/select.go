//go:build unix

package main

import (
	"fmt"
	"log"

	"golang.org/x/sys/unix"
)

// loop waits for all connections together, with select.
func loop(listener int) error {
	conns := map[int]*conn{listener: nil} // by descriptor
	buf := make([]byte, 64<<10)           // one for all of them
	for {
		// What to wait for: a bit for each descriptor.
		var ready unix.FdSet
		highest := 0
		for fd := range conns {
			ready.Set(fd) // wrong: there are 1,024 bits
			highest = max(highest, fd)
		}
		// Wait: the only call that blocks. EINTR: a signal came first.
		_, err := unix.Select(highest+1, &ready, nil, nil, nil)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return err
		}
		// Do what can be done at once.
		for fd := range conns {
			switch {
			case !ready.IsSet(fd):
			case fd == listener:
				fd, peer, err := accept(listener)
				if err == unix.EAGAIN || err == unix.ECONNABORTED {
					continue // the peer did not wait
				}
				if err != nil {
					log.Print("accept: ", err)
					continue
				}
				conns[fd] = &conn{peer: peer}
				fmt.Println("call from", peer)
			default:
				if err := serve(fd, buf); err != nil {
					end(fd, conns, err)
				}
			}
		}
	}
}
