//go:build unix

package main

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// A waiter waits until one of many descriptors is ready.
type waiter interface {
	add(fd int) error                // wait until it can be read
	change(fd int, speak bool) error // or until it can be written
	remove(fd int)
	wait(milliseconds int) (ready []int, err error) // -1 is for ever
}

// A loop has all that there is to do.
type loop struct {
	waiter
	phone   int
	calls   map[int]*call // by their descriptors
	message [1 << 18]byte // one for all the calls
	full    fullness
}

// run is the event loop. It waits in one place, for all, and does for each
// one that is ready what can be done at once.
func (l *loop) run() error {
	if err := l.add(l.phone); err != nil {
		return err
	}
	for {
		ready, err := l.wait(l.patience())
		if err != nil {
			return err
		}
		calls := len(l.calls)
		for _, fd := range ready {
			if fd == l.phone {
				l.answer()
			} else if err := l.talk(fd, l.calls[fd]); err != nil {
				l.hangUp(fd, err)
			}
		}
		l.goOn(len(l.calls) < calls)
	}
}

// hangUp ends a call and says why.
func (l *loop) hangUp(fd int, why error) {
	l.remove(fd)
	unix.Close(fd)
	fmt.Println(l.calls[fd].from, why)
	delete(l.calls, fd)
}
