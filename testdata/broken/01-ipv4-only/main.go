// Wrong on purpose: it listens on IPv4 only.
//
//test:replaces 01-phone/server
//test:fails 01-ipv6: listen tcp4: address ::1: no suitable address found
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"net"
)

func main() {
	log.SetFlags(0)
	addr := flag.String("addr", "127.0.0.1:8080", "listen on this `address`")
	flag.Parse()

	// Buy a phone (socket), put the card in (bind), stand by (listen).
	phone, err := net.Listen("tcp4", *addr)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening on", phone.Addr())

	// Wait until it rings, and answer (accept).
	conn, err := phone.Accept()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("call from", conn.RemoteAddr())

	// Hear, once (recv). End of file: the caller hung up.
	message := make([]byte, 1024)
	n, err := conn.Read(message)
	if err != nil && err != io.EOF {
		log.Fatal(err)
	}

	// Speak (send), if there was something to answer.
	if n > 0 {
		fmt.Printf("heard %q\n", message[:n])
		if _, err := conn.Write(upper(message[:n])); err != nil {
			log.Fatal(err)
		}
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
