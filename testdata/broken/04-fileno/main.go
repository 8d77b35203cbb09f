// Wrong on purpose: it asks for a file of each call, and does not close it.
//
//test:replaces 04-unix/server
//test:fails 02-resets: too many open files|connection refused
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
)

func main() {
	log.SetFlags(0)
	addr := flag.String("addr", "phone.sock", "listen on the file at this `path`")
	flag.Parse()

	// Buy a phone (socket), put the card in (bind), stand by (listen).
	phone, err := net.Listen("unix", *addr)
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
		file, err := conn.(*net.UnixConn).File() // wrong: a second descriptor
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("call on descriptor", file.Fd())

		for { // the communication loop: one message after the other
			// Hear (recv), unless the caller hung up or broke the call.
			n, err := conn.Read(message)
			if err != nil {
				break
			}

			// Speak (send).
			fmt.Printf("heard %q\n", message[:n])
			if _, err := conn.Write(upper(message[:n])); err != nil {
				break
			}
		}

		conn.Close() // hang up
		fmt.Println("the caller hung up")
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
