// Wrong on purpose: a client that connects and sends nothing keeps a goroutine
// and a descriptor forever.
//
//test:replaces 05-options/server
//test:fails 05-idle: not defined: -idle
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

	for { // the link loop: many connections at once
		conn, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("call from", conn.RemoteAddr())

		go func() {
			buf := make([]byte, 4096)
			for { // the communication loop: one message after the other
				n, err := conn.Read(buf)
				if err != nil { // end of file, or a reset
					break
				}
				if _, err := conn.Write(upper(buf[:n])); err != nil {
					break
				}
			}

			conn.Close()
			fmt.Println(conn.RemoteAddr(), "hung up")
		}()
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
