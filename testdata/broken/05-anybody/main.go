// Wrong on purpose: it takes a reply from anybody.
//
//test:replaces 05-options/client
//test:fails 05-late: client and client.want differ
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
	"syscall"
	"time"
)

func main() {
	log.SetFlags(0)
	network := flag.String("network", "tcp", "`network`: tcp, udp or unix")
	addr := flag.String("addr", "127.0.0.1:8080", "call this `address`")
	timeout := flag.Duration("timeout", 0, "give up after this long (0: never)")
	flag.Parse()
	if flag.NArg() > 0 || *timeout < 0 {
		flag.Usage()
		os.Exit(2)
	}

	dialed, err := net.DialTimeout(*network, *addr, *timeout)
	if err != nil {
		log.Fatal(waited(err, *timeout, "somebody to answer at "+*addr))
	}
	conn := &timeoutConn{Conn: dialed, timeout: *timeout}

	keyboard := bufio.NewReader(os.Stdin)
	replies := bufio.NewReader(conn)
	for { // the communication loop: one line after the other
		fmt.Print(">>: ")
		line, inputErr := keyboard.ReadString('\n')
		if line = strings.TrimSpace(line); line != "" {
			if err := ask(conn, replies, *addr, line); errors.Is(err, errUnsent) {
				log.Print(err)
			} else if err != nil {
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
	timeout time.Duration // package net does not remember it
}

func (c *timeoutConn) Read(b []byte) (int, error) {
	if c.timeout > 0 {
		c.SetReadDeadline(time.Now().Add(c.timeout)) // if it fails, so does Read
	}
	return c.Conn.Read(b)
}

func (c *timeoutConn) Write(b []byte) (int, error) {
	if c.timeout > 0 { // a server that takes a part is alive: Read may wait on
		c.SetDeadline(time.Now().Add(c.timeout))
	}
	return c.Conn.Write(b)
}

// waited says how long and what for, if a deadline has passed.
func waited(err error, timeout time.Duration, what string) error {
	if errors.Is(err, os.ErrDeadlineExceeded) ||
		errors.Is(err, context.DeadlineExceeded) { // of a dial
		return fmt.Errorf("waited %v for %s", timeout, what)
	}
	return err
}

// ask sends a line, and receives the reply at the same time.
func ask(conn *timeoutConn, replies *bufio.Reader, addr, line string) error {
	if conn.RemoteAddr().Network() == "udp" {
		return askUDP(conn, addr, line)
	}
	var sending sync.WaitGroup
	var sendErr error
	sending.Go(func() {
		parts := bufio.NewWriterSize(conn, 1<<16)
		parts.WriteString(line + "\n") // Flush returns its error
		sendErr = parts.Flush()
	})
	reply, err := replies.ReadString('\n')
	what := "a reply from "
	if reply != "" {
		fmt.Printf("server replied %q\n", reply)
		what = "the rest of a reply from "
	}
	if err != nil {
		return waited(fmt.Errorf("%s hung up: %w", addr, err), conn.timeout, what+addr)
	}
	sending.Wait()
	return waited(sendErr, conn.timeout, "somebody to listen at "+addr)
}

var errUnsent = errors.New("not sent") // but the next line may be

// askUDP sends a line as one datagram, and again if no reply comes in time.
func askUDP(conn *timeoutConn, addr, line string) error {
	var opened *net.UDPConn
	server, err := net.ResolveUDPAddr("udp", addr) // IPv4, if a name has both
	if err == nil {
		opened, err = net.ListenUDP("udp", nil)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", errUnsent, err)
	}
	conn.Close() // not before: the new socket has another port
	conn.Conn = unconnected{opened, server}
	buf := make([]byte, 65535)
	for range 3 {
		if _, err := io.WriteString(conn, line); err != nil {
			return fmt.Errorf("%w: %w", errUnsent, err)
		}
		n, err := conn.Read(buf)
		if err == nil {
			fmt.Printf("server replied %q\n", buf[:n])
			return nil
		}
		if !errors.Is(err, os.ErrDeadlineExceeded) &&
			!errors.Is(err, syscall.EMSGSIZE) {
			return err
		}
	}
	return fmt.Errorf("asked three times, waited %v for a reply from %s", conn.timeout, addr)
}

// An unconnected socket sends to the server, and receives from anybody.
type unconnected struct {
	*net.UDPConn
	server *net.UDPAddr
}

func (u unconnected) Write(b []byte) (int, error) { return u.WriteTo(b, u.server) }

func (u unconnected) RemoteAddr() net.Addr { return u.server }
