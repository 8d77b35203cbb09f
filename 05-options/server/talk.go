package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"
)

// talk says back in capital letters what it hears, until the call ends, and
// returns why it ended. A caller has that much time to say something, and then
// as much to hear the answer; each time the clock is set again.
func talk(conn net.Conn, idle time.Duration) (why string) {
	if err := setOptions(conn); err != nil {
		return reason(err, "refused", idle)
	}
	message := make([]byte, 2048) // all that the server keeps for a caller
	for {
		// Hear (recv).
		conn.SetDeadline(time.Now().Add(idle))
		n, err := conn.Read(message)
		if err != nil {
			return reason(err, "was silent for", idle)
		}

		// Speak (sendall).
		conn.SetDeadline(time.Now().Add(idle))
		if _, err := conn.Write(upper(message[:n])); err != nil {
			return reason(err, "did not listen for", idle)
		}
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
