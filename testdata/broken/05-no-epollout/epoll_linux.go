package main

import (
	"fmt"
	"log"
	"os"

	"golang.org/x/sys/unix"
)

// watch changes the list of what to wait for, which the kernel keeps.
func watch(poller, op, fd int, events uint32) error {
	e := unix.EpollEvent{Fd: int32(fd), Events: events}
	return os.NewSyscallError("epoll_ctl", unix.EpollCtl(poller, op, fd, &e))
}

// loop waits for all connections together, with epoll.
func loop(listener int) error {
	poller, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return os.NewSyscallError("epoll_create1", err)
	}
	err = watch(poller, unix.EPOLL_CTL_ADD, listener, unix.EPOLLIN)
	if err != nil {
		return err
	}
	events := make([]unix.EpollEvent, 128)
	conns := map[int]*conn{}    // by descriptor
	buf := make([]byte, 64<<10) // one for all of them
	pauseAccept, said := false, false
	for {
		timeout := -1 // forever
		if pauseAccept {
			timeout = 50 // ms
		}
		// Wait: the only call that blocks. EINTR: a signal came first.
		n, err := unix.EpollWait(poller, events, timeout)
		if err != nil && err != unix.EINTR {
			return err
		}
		if pauseAccept {
			pauseAccept = false
			err := watch(poller, unix.EPOLL_CTL_MOD, listener, unix.EPOLLIN)
			if err != nil {
				return err
			}
		}
		// Do what can be done at once.
		for _, e := range events[:max(n, 0)] {
			fd := int(e.Fd)
			switch {
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
					err := watch(poller, unix.EPOLL_CTL_MOD, listener, 0)
					if err != nil {
						return err
					}
					continue
				}
				conns[fd] = &conn{peer: peer}
				fmt.Println("call from", peer)
				err = watch(poller, unix.EPOLL_CTL_ADD, fd, unix.EPOLLIN)
				if err != nil {
					end(fd, conns, err)
				}
			default:
				c := conns[fd]
				had := len(c.pending) > 0
				err := serve(fd, c, buf)
				has := len(c.pending) > 0
				if err == nil && had && !has { // and read again
					err = watch(poller, unix.EPOLL_CTL_MOD, fd, unix.EPOLLIN)
				}
				if err != nil {
					end(fd, conns, err)
				}
			}
		}
	}
}
