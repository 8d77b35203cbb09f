package main

import (
	"fmt"
	"net"
	"time"
)

// A watch is a connection on which no single step takes longer than timeout.
// That is Python's settimeout. A deadline of Go is a point in time, and it
// stays: so it is set again each time. 0 is no timeout.
type watch struct {
	net.Conn
	timeout time.Duration
}

func (w watch) again() {
	if w.timeout > 0 {
		w.SetDeadline(time.Now().Add(w.timeout))
	}
}

// Read hears what there is.
func (w watch) Read(message []byte) (int, error) {
	w.again()
	return w.Conn.Read(message)
}

// Write says one part after the other, and a part is more than the longest
// message of UDP. As long as the other end takes them, a Read that waits at
// the same time has no reason to give up: it is given more time as well.
func (w watch) Write(message []byte) (said int, err error) {
	for err == nil && said < len(message) {
		w.again()
		part := message[said:min(said+1<<16, len(message))]
		n := 0
		n, err = w.Conn.Write(part)
		said += n
	}
	return said, err
}

// late says how long we waited, and what for, if err is that the time is up.
func late(err error, timeout time.Duration, what, addr string) error {
	if err, ok := err.(net.Error); ok && err.Timeout() {
		return fmt.Errorf("waited %v for %s %s", timeout, what, addr)
	}
	return err
}
