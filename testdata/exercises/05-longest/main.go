// Server ends each conversation after a while, however much is said.
//
//test:replaces 05-options/server
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"time"
)

func main() {
	log.SetFlags(0)
	addr := flag.String("addr", "127.0.0.1:8080", "listen on this `address`")
	idle := flag.Duration("idle", time.Minute,
		"close a connection that has been idle for this long")
	longest := flag.Duration("longest", 0,
		"close a connection after this long, however much is said (0: never)")
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
	fmt.Println("listening on", listener.Addr())

	for { // the link loop: many connections at once
		conn, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("call from", conn.RemoteAddr())

		go func() {
			why := serve(conn, *idle, *longest)
			conn.Close()
			fmt.Println(conn.RemoteAddr(), why)
		}()
	}
}

// serve sends back in capital letters what it receives, until a call fails,
// and returns why. A deadline is the end of the silence or of the conversation,
// whichever comes first.
func serve(conn net.Conn, idle, longest time.Duration) string {
	end := time.Now().Add(longest)
	deadline := func() time.Time {
		silent := time.Now().Add(idle)
		if longest > 0 && end.Before(silent) {
			return end
		}
		return silent
	}
	timedOut := func(what string) string {
		if longest > 0 && !time.Now().Before(end) {
			return fmt.Sprint("talked for ", longest)
		}
		return fmt.Sprint(what, idle)
	}
	buf := make([]byte, 4096)
	for { // the communication loop: one message after the other
		conn.SetReadDeadline(deadline())
		n, err := conn.Read(buf)
		if err != nil { // end of file, or a reset
			return reason(err, timedOut("was silent for "))
		}
		conn.SetWriteDeadline(deadline())
		if _, err := conn.Write(upper(buf[:n])); err != nil {
			return reason(err, timedOut("did not listen for "))
		}
	}
}

// reason says in words why a call failed: timedOut, if it was its deadline.
func reason(err error, timedOut string) string {
	var op *net.OpError
	switch {
	case err == io.EOF:
		return "hung up"
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
