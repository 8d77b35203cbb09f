// Wrong on purpose: it ignores what may fail.
//
//test:replaces 01-phone/server
//test:fails 01-busy: nil pointer dereference
//test:fails 01-bad-input: exit status 2, want 1
//test:fails 01-reset: exit status 0, want 1
//test:fails 01-write: exit status 0, want 1
package main

import (
	"flag"
	"fmt"
	"net"
	"os"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "listen on this `address`")
	flag.Parse()
	if flag.NArg() > 0 { // an argument that no flag takes
		flag.Usage()
		os.Exit(2)
	}

	// Buy a phone (socket), put the card in (bind), stand by (listen).
	listener, _ := net.Listen("tcp", *addr)
	fmt.Println("listening on", listener.Addr())

	// Wait for a call, and answer it (accept).
	conn, _ := listener.Accept()
	fmt.Println("call from", conn.RemoteAddr())

	// Hear what the caller says, once (recv). EOF: they hung up.
	buf := make([]byte, 1024)
	n, _ := conn.Read(buf)

	// Speak (send), if there is something to answer.
	if n > 0 {
		fmt.Printf("heard %q\n", buf[:n])
		conn.Write(upper(buf[:n]))
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
