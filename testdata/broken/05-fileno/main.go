//go:build unix

// Wrong on purpose: it asks a call for its descriptor in a way that
// ends the deadlines.
//
//test:replaces 05-options/server
//test:hangs 05-idle: does not print "silent
package main

import (
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"os"
	"syscall"
	"time"
)

func main() {
	log.SetFlags(0)
	addr := flag.String("addr", "127.0.0.1:8080", "listen on this `address`")
	idle := flag.Duration("idle", time.Minute, "hang up after so `long` a silence")
	flag.Parse()

	// Buy a phone (socket), put the card in (bind), stand by (listen).
	phone, err := net.Listen("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening on", phone.Addr())

	for { // the link loop: many calls at once
		conn, err := phone.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go func() {
			fmt.Println("call from", conn.RemoteAddr())
			why := talk(conn, *idle)
			conn.Close() // hang up
			fmt.Println(conn.RemoteAddr(), why)
		}()
	}
}

// talk says back in capital letters what it hears, until the call ends.
func talk(conn net.Conn, idle time.Duration) (why string) {
	file, err := conn.(*net.TCPConn).File() // wrong: a copy, in blocking mode
	if err != nil {
		return err.Error()
	}
	fd := int(file.Fd())
	syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_KEEPALIVE, 1)
	file.Close()
	message := make([]byte, 2048)
	for {
		conn.SetReadDeadline(time.Now().Add(idle)) // has no effect
		n, err := conn.Read(message)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return fmt.Sprint("was silent for ", idle)
		} else if err != nil {
			return "hung up"
		}
		if _, err := conn.Write(upper(message[:n])); err != nil {
			return "did not listen"
		}
	}
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
