// Server closes each connection as SO_LINGER says.
//
// Wrong on purpose: it takes -linger 0 for no -linger at all.
//
//test:replaces testdata/exercises/05-linger
//test:fails 05-wire-linger: wire and wire.want differ
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"os"
)

func main() {
	log.SetFlags(0)
	addr := flag.String("addr", "127.0.0.1:8080", "listen on this `address`")
	linger := flag.Int("linger", -1,
		"on close, wait up to this many `seconds` for unsent data (-1: don't)")
	flag.Parse()
	if flag.NArg() > 0 { // an argument that no flag takes
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
		if tcp, ok := conn.(*net.TCPConn); ok && *linger > 0 {
			tcp.SetLinger(*linger) // if it fails, Close does what it did before
		}
		go func() {
			serve(conn)
			conn.Close()
			fmt.Println(conn.RemoteAddr(), "hung up")
		}()
	}
}

// serve sends back in capital letters what it receives, until the end.
func serve(conn net.Conn) {
	buf := make([]byte, 4096)
	for { // the communication loop: one read after the other
		n, err := conn.Read(buf)
		if err != nil {
			return
		}
		if _, err := conn.Write(upper(buf[:n])); err != nil {
			return
		}
	}
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
