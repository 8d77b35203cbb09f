// Wrong on purpose: it ends without a word when a connection breaks.
//
//test:replaces 01-phone/server
//test:fails 01-reset: no match for
//test:fails 01-write: no match for
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"os"
)

func main() {
	log.SetFlags(0)
	addr := flag.String("addr", "127.0.0.1:8080", "listen on this `address`")
	flag.Parse()
	if flag.NArg() > 0 { // an argument that no flag takes
		flag.Usage()
		os.Exit(2)
	}

	// Buy a phone (socket), put the card in (bind), stand by (listen).
	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening on", listener.Addr())

	// Wait for a call, and answer it (accept).
	conn, err := listener.Accept()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("call from", conn.RemoteAddr())

	// Hear what the caller says, once (recv). EOF: they hung up.
	buf := make([]byte, 1024)
	n, err := conn.Read(buf)
	if err != nil && err != io.EOF {
		os.Exit(1)
	}

	// Speak (send), if there is something to answer.
	if n > 0 {
		fmt.Printf("heard %q\n", buf[:n])
		if _, err := conn.Write(upper(buf[:n])); err != nil {
			os.Exit(1)
		}
	}

	// Hang up, and switch the phone off (close).
	conn.Close()
	listener.Close()
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
