// Wrong on purpose: it asks each caller in turn for what is there, with
// a deadline in the past, and never gets it.
//
//test:replaces 05-options/server
//test:hangs 05-silent: .
//test:hangs 05-try: does not end
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"time"
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

	var callers []net.Conn
	message := make([]byte, 2048)
	for ; ; time.Sleep(time.Millisecond) {
		phone.(*net.TCPListener).SetDeadline(time.Now().Add(time.Millisecond))
		if conn, err := phone.Accept(); err == nil {
			fmt.Println("call from", conn.RemoteAddr())
			callers = append(callers, conn)
		}
		for _, conn := range callers {
			conn.SetReadDeadline(time.Now()) // wrong: this fails, whatever is there
			if n, err := conn.Read(message); err == nil {
				conn.Write(upper(message[:n]))
			}
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
