// Wrong on purpose: what a caller does not take is kept, up to 4 MiB.
// Nobody counts the callers.
//
//test:replaces 05-options/server
//test:fails 05-push: server has had
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"sync"
	"time"
)

func main() {
	log.SetFlags(0)
	addr := flag.String("addr", "127.0.0.1:8080", "listen on this `address`")
	idle := flag.Duration("idle", time.Minute, "hang up after so `long` a silence")
	flag.Int("rcvbuf", -1, "no option is set")
	flag.Int("sndbuf", -1, "no option is set")
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

// talk says back in capital letters what it hears. It hears at any time, and
// keeps what is to be said.
func talk(conn net.Conn, idle time.Duration) (why string) {
	var mu sync.Mutex
	var unsaid []byte
	news := make(chan bool, 1)
	go func() {
		defer close(news)
		message := make([]byte, 1<<16)
		for {
			conn.SetReadDeadline(time.Now().Add(idle))
			n, err := conn.Read(message)
			if err != nil {
				return
			}
			mu.Lock()
			unsaid = append(unsaid, upper(message[:n])...) // wrong: it may be much
			much := len(unsaid) > 4<<20
			mu.Unlock()
			if much {
				return
			}
			select {
			case news <- true:
			default:
			}
		}
	}()
	why = "hung up"
	for range news {
		mu.Lock()
		reply := unsaid
		unsaid = nil
		mu.Unlock()
		conn.SetWriteDeadline(time.Now().Add(idle))
		if _, err := conn.Write(reply); err != nil {
			why = fmt.Sprint("did not listen for ", idle)
			break
		}
	}
	for range news { // until that is much, or nothing more is said
	}
	return why
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
