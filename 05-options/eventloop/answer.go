//go:build unix

package main

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// answer takes the calls that wait (accept), but only some: those who are on
// the line shall not wait either.
func (l *loop) answer() {
	for range 16 {
		fd, from, err := accept(l.phone)
		switch {
		case errors.Is(err, unix.EAGAIN):
			return // nobody waits
		case errors.Is(err, unix.ECONNABORTED): // somebody did not wait
			continue
		case err != nil:
			l.rest(err)
			return
		}
		fmt.Println("call from", from)
		l.calls[fd] = &call{from: from}
		if err := l.add(fd); err != nil {
			l.hangUp(fd, err)
		}
	}
}
