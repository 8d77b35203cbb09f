package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"
)

// A caller who says little needs little room. Who says much gets a large one,
// for as long as there is one, and gives it back.
const little, large = 1024, 1 << 20

var rooms = make(chan []byte, 32)

func init() {
	for range cap(rooms) {
		rooms <- nil // is made when it is needed
	}
}

// talk says back in capital letters what it hears, until the call ends, and
// returns why it ended. A caller has that much time to say something, and then
// as much to hear something of the answer; each time the clock is set again.
func talk(conn net.Conn, idle time.Duration) (why string) {
	if err := setOptions(conn); err != nil {
		return reason(err, "refused", idle)
	}
	small := make([]byte, little)
	message := small
	defer func() { giveBack(message) }()
	for {
		// Hear (recv).
		conn.SetDeadline(time.Now().Add(idle))
		n, err := conn.Read(message)
		if err != nil {
			return reason(err, "was silent for", idle)
		}

		// Speak (sendall). Who takes a part in time is slow, and alive.
		for reply := upper(message[:n]); len(reply) > 0; {
			conn.SetDeadline(time.Now().Add(idle))
			n, err := conn.Write(reply)
			late := errors.Is(err, os.ErrDeadlineExceeded)
			if err != nil && (n == 0 || !late) {
				return reason(err, "did not listen for", idle)
			}
			reply = reply[n:]
		}

		if n < little {
			giveBack(message)
			message = small
		} else if len(message) == little {
			message = largeRoom(small)
		}
	}
}

// largeRoom returns a large room, or the small one if none is left.
func largeRoom(small []byte) []byte {
	select {
	case room := <-rooms:
		if room == nil {
			room = make([]byte, large)
		}
		return room
	default:
		return small
	}
}

// giveBack gives a room back, if it is a large one.
func giveBack(room []byte) {
	if len(room) == large {
		rooms <- room
	}
}

// reason says in words why a call ended.
func reason(err error, tired string, idle time.Duration) string {
	var op *net.OpError
	switch {
	case err == io.EOF:
		return "hung up"
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Sprint(tired, " ", idle)
	case errors.Is(err, net.ErrClosed):
		return "was on the line to the end"
	case errors.As(err, &op):
		return fmt.Sprint("broke the call: ", op.Err)
	}
	return err.Error()
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
