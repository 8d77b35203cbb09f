// Wrong on purpose: it ends when one of its callers breaks a call.
//
//test:replaces 02-loops/server
//test:fails 02-resets: connection refused|reset by peer
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
	phone, err := net.Listen("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening on", phone.Addr())

	message := make([]byte, 1<<20)
	for { // the link loop: one call after the other
		// Wait until it rings, and answer (accept).
		conn, err := phone.Accept()
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("call from", conn.RemoteAddr())

		for { // the communication loop: one message after the other
			// Hear (recv), unless the caller hung up or broke the call.
			n, err := conn.Read(message)
			if err == io.EOF {
				break
			} else if err != nil {
				log.Fatal(err)
			}

			// Speak (send).
			fmt.Printf("heard %q\n", message[:n])
			if _, err := conn.Write(upper(message[:n])); err != nil {
				break
			}
		}

		conn.Close() // hang up
		fmt.Println(conn.RemoteAddr(), "hung up")
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
