package main

import (
	"os"

	"golang.org/x/sys/unix"
)

// Linux has both, and epoll is the better one.
const best = "epoll"

var waiters = map[string]func() (waiter, error){
	"epoll": newEpoll, "poll": newPoll,
}

// An epoll leaves the list of descriptors with the kernel, which notes who
// becomes ready. It does not matter how long the list is.
type epoll struct {
	fd     int // the list has a descriptor too
	events [128]unix.EpollEvent
	ready  []int
}

func newEpoll() (waiter, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	return &epoll{fd: fd}, os.NewSyscallError("epoll_create1", err)
}

func (e *epoll) add(fd int) error {
	return e.control(unix.EPOLL_CTL_ADD, fd, unix.EPOLLIN)
}

func (e *epoll) change(fd int, speak bool) error {
	if speak {
		return e.control(unix.EPOLL_CTL_MOD, fd, unix.EPOLLOUT)
	}
	return e.control(unix.EPOLL_CTL_MOD, fd, unix.EPOLLIN)
}

func (e *epoll) remove(fd int) { e.control(unix.EPOLL_CTL_DEL, fd, 0) }

func (e *epoll) control(what, fd int, events uint32) error {
	event := unix.EpollEvent{Fd: int32(fd), Events: events}
	err := unix.EpollCtl(e.fd, what, fd, &event)
	return os.NewSyscallError("epoll_ctl", err)
}

func (e *epoll) wait(milliseconds int) ([]int, error) {
	n, err := unix.EpollWait(e.fd, e.events[:], milliseconds)
	if err == unix.EINTR { // a signal came first
		return nil, nil
	} else if err != nil {
		return nil, os.NewSyscallError("epoll_wait", err)
	}
	e.ready = e.ready[:0]
	for _, event := range e.events[:n] {
		e.ready = append(e.ready, int(event.Fd))
	}
	return e.ready, nil
}
