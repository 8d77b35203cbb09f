package main

import (
	"bufio"
	"fmt"
	"io"
	"log"
	"net"
	"sync"
	"time"
)

// call dials, and returns how to ask: say a line, and hear a line.
func call(network, addr string, timeout time.Duration) func(string) error {
	// Buy a phone (socket) and dial (connect).
	conn, err := net.DialTimeout(network, addr, timeout)
	if err != nil {
		log.Fatal(late(err, timeout, "somebody to answer at", addr))
	}

	line := watch{conn, timeout}
	replies := bufio.NewReader(line)
	return func(question string) error {
		// Speak (sendall), and at the same time
		var speaker sync.WaitGroup
		var unsaid error
		speaker.Go(func() { _, unsaid = io.WriteString(line, question+"\n") })

		// hear (recv), until the end of a line.
		what := "a reply from"
		reply, err := replies.ReadString('\n')
		if reply != "" {
			what = "the rest of a reply from"
			fmt.Printf("server replied %q\n", reply)
		}
		if err == io.EOF {
			return fmt.Errorf("%s hung up: %v", addr, err)
		} else if err != nil {
			return late(err, timeout, what, addr)
		}
		speaker.Wait()
		if unsaid != nil { // the reply came before all was said
			return late(unsaid, timeout, "somebody to listen at", addr)
		}
		return nil
	}
}
