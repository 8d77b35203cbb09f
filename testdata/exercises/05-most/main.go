// Server serves a limited number of connections at once: the next one waits
// in the queue.
//
//test:replaces 05-options/server
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"os"
)

func main() {
	log.SetFlags(0)
	addr := flag.String("addr", "127.0.0.1:8080", "listen on this `address`")
	most := flag.Int("most", 100, "serve at most this many `connections` at once")
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

	slots := make(chan bool, *most) // one for each connection
	for {                           // the link loop: many connections at once
		slots <- true // wait until one is free
		conn, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("call from", conn.RemoteAddr())
		go func() {
			serve(conn)
			conn.Close()
			fmt.Println(conn.RemoteAddr(), "hung up")
			<-slots
		}()
	}
}

// serve sends back in capital letters what it receives, until the end.
func serve(conn net.Conn) {
	buf := make([]byte, 4096)
	for { // the communication loop: one read after the other
		n, err := conn.Read(buf)
		if err != nil {
			return
		}
		if _, err := conn.Write(upper(buf[:n])); err != nil {
			return
		}
	}
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
