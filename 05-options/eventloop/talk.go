//go:build unix

package main

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"

	"golang.org/x/sys/unix"
)

// A call is all that the loop knows of a caller. One who is silent costs no
// more than this.
type call struct {
	from   netip.AddrPort
	unsaid []byte // what the caller has not taken yet
}

var errHungUp = errors.New("hung up")

// talk says back in capital letters what it hears, as far as that needs no
// waiting. It fails when the call is over.
func (l *loop) talk(fd int, c *call) error {
	reply := c.unsaid
	if reply == nil {
		// Hear (recv). Who does not take the reply is not heard.
		n, err := unix.Read(fd, l.message[:])
		if errors.Is(err, unix.EAGAIN) {
			return nil // nothing there, after all
		} else if err != nil {
			return fmt.Errorf("broke the call: read: %w", err)
		} else if n == 0 {
			return errHungUp
		}
		reply = upper(l.message[:n])
	}

	// Speak (send). The socket takes all, a part, or nothing (EAGAIN).
	n, err := unix.Write(fd, reply)
	if errors.Is(err, unix.EAGAIN) {
		n = 0
	} else if err != nil {
		return fmt.Errorf("broke the call: write: %w", err)
	}
	return l.keep(fd, c, reply[n:])
}

// keep keeps what the socket did not take, until it takes more.
func (l *loop) keep(fd int, c *call, rest []byte) error {
	waited := c.unsaid != nil
	switch {
	case len(rest) == 0 && waited:
		c.unsaid = nil
		return l.change(fd, false) // all is said: hear again
	case len(rest) > 0 && waited:
		c.unsaid = rest
	case len(rest) > 0:
		c.unsaid = slices.Clone(rest) // the next call needs message
		return l.change(fd, true)
	}
	return nil
}

// upper puts a to z in capitals and leaves every other byte alone.
func upper(message []byte) []byte {
	for i, b := range message {
		if 'a' <= b && b <= 'z' {
			message[i] = b - 'a' + 'A'
		}
	}
	return message
}
