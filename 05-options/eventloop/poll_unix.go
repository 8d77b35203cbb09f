//go:build unix

package main

import (
	"os"
	"slices"

	"golang.org/x/sys/unix"
)

// A poll gives the whole list of descriptors to the kernel, each time, and
// gets it back with a note on each. The longer the list, the longer it takes.
type poll struct {
	list  []unix.PollFd
	ready []int
}

func newPoll() (waiter, error) { return &poll{}, nil }

func (p *poll) add(fd int) error {
	p.list = append(p.list, unix.PollFd{Fd: int32(fd), Events: unix.POLLIN})
	return nil
}

func (p *poll) change(fd int, speak bool) error {
	entry := &p.list[p.place(fd)]
	entry.Events = unix.POLLIN
	if speak {
		entry.Events = unix.POLLOUT
	}
	return nil
}

func (p *poll) remove(fd int) {
	i := p.place(fd)
	p.list = slices.Delete(p.list, i, i+1)
}

func (p *poll) place(fd int) int {
	return slices.IndexFunc(p.list, func(entry unix.PollFd) bool {
		return int(entry.Fd) == fd
	})
}

func (p *poll) wait(milliseconds int) ([]int, error) {
	n, err := unix.Poll(p.list, milliseconds)
	if err == unix.EINTR { // a signal came first
		return nil, nil
	} else if err != nil {
		return nil, os.NewSyscallError("poll", err)
	}
	p.ready = p.ready[:0]
	for i := 0; len(p.ready) < n; i++ {
		if p.list[i].Revents != 0 {
			p.ready = append(p.ready, int(p.list[i].Fd))
		}
	}
	return p.ready, nil
}
