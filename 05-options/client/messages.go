package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"time"
)

// messages returns how to ask with single messages: say one, and hear one.
// If none comes in time, it asks again, twice.
//
// Each line has a socket, and so a number, of its own: a reply to an earlier
// line, late or doubled, goes to a number at which nobody listens any more.
// The last of these stay ours, or the kernel could give one out again.
func messages(addr string, timeout time.Duration) func(string) error {
	var numbers [8]net.Conn
	reply, lines := make([]byte, 65535), 0
	return func(line string) error {
		// Buy a phone (socket) and choose a number (connect).
		conn, err := net.Dial("udp", addr)
		if err != nil {
			return err
		}
		place := &numbers[lines%len(numbers)]
		if lines++; *place != nil {
			(*place).Close()
		}
		*place = conn
		phone := watch{conn, timeout}

		for range 3 {
			// Speak (send), all of it in one message.
			if _, err := io.WriteString(phone, line); err != nil {
				log.Print(err)
				return nil
			}

			// Hear (recv): one message is the reply.
			var n int
			n, err = phone.Read(reply)
			if err == nil {
				fmt.Printf("server replied %q\n", reply[:n])
				return nil
			}
			if late(err, timeout, "", "") == err {
				return err // it is not late, it is not there
			}
		}
		err = late(err, timeout, "a reply from", addr)
		return fmt.Errorf("asked three times, %w", err)
	}
}
