// Wrong on purpose: it ignores what may fail.
//
//test:replaces 01-phone/server
//test:fails 01-busy: nil pointer dereference
//test:fails 01-bad-input: exit status 2, want 1
//test:fails 01-reset: exit status 0, want 1
package main

import (
	"flag"
	"fmt"
	"net"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "listen on this `address`")
	flag.Parse()

	// Buy a phone (socket), put the card in (bind), stand by (listen).
	phone, _ := net.Listen("tcp", *addr)
	fmt.Println("listening on", phone.Addr())

	// Wait until it rings, and answer (accept).
	conn, _ := phone.Accept()
	fmt.Println("call from", conn.RemoteAddr())

	// Hear, once (recv). End of file: the caller hung up.
	message := make([]byte, 1024)
	n, _ := conn.Read(message)

	// Speak (send), if there was something to answer.
	if n > 0 {
		fmt.Printf("heard %q\n", message[:n])
		conn.Write(upper(message[:n]))
	}

	conn.Close()  // hang up
	phone.Close() // switch the phone off
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
