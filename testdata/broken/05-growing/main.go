// Wrong on purpose: what a peer does not take is kept, up to 4 MiB.
// There may be any number of peers.
//
//test:replaces 05-options/server
//test:fails 05-push: unexpected match for .*VmHWM
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"os"
	"sync"
	"time"
)

func main() {
	log.SetFlags(0)
	addr := flag.String("addr", "127.0.0.1:8080", "listen on this `address`")
	idle := flag.Duration("idle", time.Minute,
		"close a connection that has been idle for this long")
	flag.Parse()
	if flag.NArg() > 0 { // an argument that no flag takes
		flag.Usage()
		os.Exit(2)
	}

	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening on", listener.Addr())

	for { // the link loop: many calls at once
		conn, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go func() {
			fmt.Println("call from", conn.RemoteAddr())
			why := serve(conn, *idle)
			conn.Close()
			fmt.Println(conn.RemoteAddr(), why)
		}()
	}
}

// serve sends back in capital letters what it receives. It receives at any time,
// and keeps what is to be sent.
func serve(conn net.Conn, idle time.Duration) (why string) {
	var mu sync.Mutex
	var pending []byte
	more := make(chan bool, 1)
	go func() {
		defer close(more)
		buf := make([]byte, 1<<16)
		for {
			n, err := conn.Read(buf)
			if err != nil {
				return
			}
			mu.Lock()
			pending = append(pending, upper(buf[:n])...) // wrong: it may be much
			much := len(pending) > 4<<20
			mu.Unlock()
			select {
			case more <- true:
			default:
			}
			if much {
				return
			}
		}
	}()
	why = "hung up"
	for range more {
		mu.Lock()
		reply := pending
		pending = nil
		mu.Unlock()
		conn.SetWriteDeadline(time.Now().Add(idle))
		if _, err := conn.Write(reply); err != nil {
			why = fmt.Sprint("did not listen for ", idle)
			break
		}
	}
	for range more { // until that is much, or nothing more is said
	}
	return why
}

// upper puts a to z in capitals, in b itself. All other bytes stay.
func upper(b []byte) []byte {
	for i, c := range b {
		if 'a' <= c && c <= 'z' {
			b[i] = c - 'a' + 'A'
		}
	}
	return b
}
