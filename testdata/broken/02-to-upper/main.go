// Wrong on purpose: bytes.ToUpper takes half a letter for an error, and replaces it.
//
//test:replaces 02-loops/server
//test:fails 02-bytes: receives
package main

import (
	"bytes"
	"flag"
	"fmt"
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

	message := make([]byte, 1024)
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
			if err != nil {
				break
			}

			// Speak (send).
			fmt.Printf("heard %q\n", message[:n])
			if _, err := conn.Write(bytes.ToUpper(message[:n])); err != nil {
				break
			}
		}

		conn.Close() // hang up
		fmt.Println(conn.RemoteAddr(), "hung up")
	}
}
