// Wrong on purpose: it calls over TCP only.
//
//test:replaces 05-options/client
//test:fails 05-networks: not defined: -network
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"strings"
	"sync"
	"time"
)

func main() {
	log.SetFlags(0)
	addr := flag.String("addr", "127.0.0.1:8080", "call this `address`")
	timeout := flag.Duration("timeout", 0, "give up after this long (0: never)")
	flag.Parse()
	if flag.NArg() > 0 { // an argument that no flag takes
		flag.Usage()
		os.Exit(2)
	}

	dialed, err := net.DialTimeout("tcp", *addr, *timeout)
	conn := &timeoutConn{dialed, *addr, *timeout}
	if err != nil {
		log.Fatal(conn.waited(err, "somebody to answer at"))
	}

	keyboard := bufio.NewReader(os.Stdin)
	replies := bufio.NewReader(conn)
	for { // the communication loop: one line after the other
		fmt.Print(">>: ")
		line, inputErr := keyboard.ReadString('\n')
		if line = strings.TrimSpace(line); line != "" {
			if err := ask(conn, replies, line); err != nil {
				log.Fatal(err)
			}
		}
		if inputErr == io.EOF {
			break
		}
		if inputErr != nil {
			log.Fatal(inputErr)
		}
	}

	fmt.Println()
	conn.Close()
}

// A timeoutConn is a connection whose Read waits no longer than the timeout.
type timeoutConn struct {
	net.Conn
	addr    string
	timeout time.Duration // package net does not remember it
}

func (c *timeoutConn) Read(b []byte) (int, error) {
	if c.timeout > 0 {
		c.SetReadDeadline(time.Now().Add(c.timeout))
	}
	return c.Conn.Read(b)
}

// Write sends b in parts, larger than any datagram. A server that takes one
// is alive, so it renews the deadline of Read as well.
func (c *timeoutConn) Write(b []byte) (n int, err error) {
	for err == nil && n < len(b) {
		if c.timeout > 0 {
			c.SetDeadline(time.Now().Add(c.timeout))
		}
		sent := 0
		sent, err = c.Conn.Write(b[n:min(n+1<<16, len(b))])
		n += sent
	}
	return n, err
}

// waited says how long and what for, if a deadline has passed.
func (c *timeoutConn) waited(err error, what string) error {
	if errors.Is(err, os.ErrDeadlineExceeded) ||
		errors.Is(err, context.DeadlineExceeded) { // of a dial
		return fmt.Errorf("waited %v for %s %s", c.timeout, what, c.addr)
	}
	return err
}

// ask sends a line, and receives the reply at the same time.
func ask(conn *timeoutConn, replies *bufio.Reader, line string) error {
	var sending sync.WaitGroup
	var unsent error
	sending.Go(func() { _, unsent = io.WriteString(conn, line+"\n") })
	reply, err := replies.ReadString('\n')
	what := "a reply from"
	if reply != "" {
		fmt.Printf("server replied %q\n", reply)
		what = "the rest of a reply from"
	}
	if err == io.EOF {
		return fmt.Errorf("%s hung up: %v", conn.addr, err)
	} else if err != nil {
		return conn.waited(err, what)
	}
	sending.Wait()
	return conn.waited(unsent, "somebody to listen at")
}
