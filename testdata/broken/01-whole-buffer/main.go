// Wrong on purpose: it sends the whole buffer, not the part that was read.
//
//test:replaces 01-phone/server
//test:fails 01-phone: HELLO\\x00
//test:fails 01-nc: caller and caller.want differ
//test:fails 01-socat: caller and caller.want differ
//test:fails 01-second-caller: ann wants the end
//test:fails 01-trace: 1024\) = 1024
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

	// Speak (send).
	if n > 0 {
		fmt.Printf("heard %q\n", message[:n])
		if _, err := conn.Write(upper(message)); err != nil {
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
