// Wrong on purpose: when time is up, it says that the server hung up.
//
//test:replaces 05-options/client
//test:fails 05-no-reply: ann and ann.want differ
package main

import (
	"bufio"
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
	if err != nil {
		log.Fatal(err)
	}
	conn := &timeoutConn{Conn: dialed, timeout: *timeout}

	keyboard := bufio.NewReader(os.Stdin)
	replies := bufio.NewReader(conn)
	for { // the communication loop: one line after the other
		fmt.Print(">>: ")
		line, inputErr := keyboard.ReadString('\n')
		if line = strings.TrimSpace(line); line != "" {
			// Send, and receive at the same time.
			var sending sync.WaitGroup
			var sendErr error
			sending.Go(func() { _, sendErr = io.WriteString(conn, line+"\n") })
			reply, err := replies.ReadString('\n')
			if reply != "" {
				fmt.Printf("server replied %q\n", reply)
			}
			if err != nil {
				log.Fatalf("%s hung up: %v", *addr, err)
			}
			sending.Wait()
			if sendErr != nil {
				log.Fatal(sendErr)
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
	timeout time.Duration // package net does not remember it
}

func (c *timeoutConn) Read(b []byte) (int, error) {
	if c.timeout > 0 {
		c.SetReadDeadline(time.Now().Add(c.timeout)) // if it fails, so does Read
	}
	return c.Conn.Read(b)
}
