// Wrong on purpose: a call has one deadline, which is set once. So no
// call is longer than that, whatever is said.
//
//test:replaces 05-options/server
//test:fails 05-talker: ann receives|broken pipe|reset by peer
package main

import (
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"os"
	"time"
)

func main() {
	log.SetFlags(0)
	addr := flag.String("addr", "127.0.0.1:8080", "listen on this `address`")
	idle := flag.Duration("idle", time.Minute, "hang up after so `long` a silence")
	flag.Parse()

	// Buy a phone (socket), put the card in (bind), stand by (listen).
	phone, err := net.Listen("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening on", phone.Addr())

	for { // the link loop: many calls at once
		conn, err := phone.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go func() {
			fmt.Println("call from", conn.RemoteAddr())
			why := talk(conn, *idle)
			conn.Close() // hang up
			fmt.Println(conn.RemoteAddr(), why)
		}()
	}
}

// talk says back in capital letters what it hears, until the call ends.
func talk(conn net.Conn, idle time.Duration) (why string) {
	conn.SetDeadline(time.Now().Add(idle)) // wrong: once
	message := make([]byte, 2048)
	for {
		n, err := conn.Read(message)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return fmt.Sprint("was silent for ", idle)
		} else if err != nil {
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
