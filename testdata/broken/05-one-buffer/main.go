// Wrong on purpose: all calls have one buffer.
//
//test:replaces 05-options/server
//test:fails 05-crowd: receives|DATA RACE|want 0
package main

import (
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

	message := make([]byte, 2048) // wrong: for all of them
	for {                         // the link loop: many calls at once
		conn, err := phone.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go func() {
			fmt.Println("call from", conn.RemoteAddr())
			why := talk(conn, message)
			conn.Close() // hang up
			fmt.Println(conn.RemoteAddr(), why)
		}()
	}
}

// talk says back in capital letters what it hears, until the call ends.
func talk(conn net.Conn, message []byte) (why string) {
	for {
		n, err := conn.Read(message)
		if err != nil {
			return "hung up"
		}
		if _, err := conn.Write(upper(message[:n])); err != nil {
			return "did not listen"
		}
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
