// Wrong on purpose: it offers Multipath TCP, as a listener of Go does by itself, and
// Linux doesn't tell the zone of such a listener.
//
//test:replaces 05-options/server
//test:fails 05-zone: listening on \[fe80::2\]:8080

//go:debug multipathtcp=1
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

func main() {
	log.SetFlags(0)
	addr := flag.String("addr", "127.0.0.1:8080", "listen on this `address`")
	idle := flag.Duration("idle", time.Minute,
		"close a connection that has been idle for this long")
	sndbuf := flag.Int("sndbuf", 65536, "send buffer, in `bytes`")
	flag.Parse()
	if flag.NArg() > 0 { // an argument that no flag takes
		flag.Usage()
		os.Exit(2)
	}
	if *idle <= 0 {
		log.Printf("-idle %v: must be more than 0", *idle)
		flag.Usage()
		os.Exit(2)
	}

	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(),
		os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, func() {
		stop() // from now on, Ctrl-C ends the program at once
		listener.Close()
	})
	fmt.Println("listening on", listener.Addr())

	var conns sync.WaitGroup
	var warned time.Time
	for { // the link loop: many connections at once
		conn, err := listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			break
		}
		if err != nil {
			if time.Since(warned) > time.Minute {
				log.Printf("%v; callers have to wait", err)
				warned = time.Now()
			}
			time.Sleep(50 * time.Millisecond) // or this loop would spin
			continue
		}
		fmt.Println("call from", conn.RemoteAddr())

		if tcp, ok := conn.(*net.TCPConn); ok {
			tcp.SetWriteBuffer(*sndbuf) // if it fails, it is as large as before
		}
		conns.Go(func() {
			forget := context.AfterFunc(ctx, func() { conn.Close() })
			defer forget()
			why := serve(conn, *idle)
			conn.Close()
			fmt.Println(conn.RemoteAddr(), why)
		})
	}
	conns.Wait()
}

// serve sends back in capital letters what it receives, until a call fails,
// and returns why. Where a deadline cannot be set, the next call fails too.
func serve(conn net.Conn, idle time.Duration) string {
	buf := make([]byte, 4096)
	for { // the communication loop: one message after the other
		conn.SetReadDeadline(time.Now().Add(idle))
		n, err := conn.Read(buf)
		if err != nil { // end of file, or a reset
			return reason(err, fmt.Sprint("was silent for ", idle))
		}
		conn.SetWriteDeadline(time.Now().Add(idle))
		if _, err := conn.Write(upper(buf[:n])); err != nil {
			return reason(err, fmt.Sprint("did not listen for ", idle))
		}
	}
}

// reason says in words why a call failed: timedOut, if it was its deadline.
func reason(err error, timedOut string) string {
	var op *net.OpError
	switch {
	case err == io.EOF:
		return "hung up"
	case errors.Is(err, net.ErrClosed):
		return "was on the line to the end"
	case errors.Is(err, os.ErrDeadlineExceeded):
		return timedOut
	case errors.As(err, &op): // its Err leaves out the addresses
		err = op.Err
	}
	return fmt.Sprint("broke the call: ", err)
}

// upper puts a to z in capitals, in b itself. All other bytes stay.
func upper(b []byte) []byte {
	for i, c := range b {
		if 'a' <= c && c <= 'z' {
			b[i] = c - 'a' + 'A'
		}
	}
	return b
}
