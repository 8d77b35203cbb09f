// Server answers phone calls, so many at once and no more: who comes then
// waits in the queue.
//
//test:replaces 05-options/server
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
	most := flag.Int("most", 100, "answer so many `callers` at once")
	flag.Parse()

	// Buy a phone (socket), put the card in (bind), stand by (listen).
	phone, err := net.Listen("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening on", phone.Addr())

	lines := make(chan bool, *most) // as many as are busy
	for {                           // the link loop: many calls at once
		lines <- true // wait for a line that is free
		conn, err := phone.Accept()
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("call from", conn.RemoteAddr())
		go func() {
			talk(conn)
			conn.Close() // hang up
			fmt.Println(conn.RemoteAddr(), "hung up")
			<-lines
		}()
	}
}

// talk says back in capital letters what it hears, until the call ends.
func talk(conn net.Conn) {
	message := make([]byte, 1024)
	for { // the communication loop: one message after the other
		n, err := conn.Read(message)
		if err != nil {
			return
		}
		if _, err := conn.Write(upper(message[:n])); err != nil {
			return
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
