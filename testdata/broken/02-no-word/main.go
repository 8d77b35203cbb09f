// Wrong on purpose: it does not say who hung up when a client resets its connection, or
// is gone.
//
//test:replaces 02-loops/server
//test:hangs 02-reset: does not print
package main

import (
	"flag"
	"fmt"
	"io"
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

	buf := make([]byte, 4096)
	for { // the link loop: one connection after the other
		conn, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("call from", conn.RemoteAddr())

		var ended error
		for { // the communication loop: one message after the other
			n, err := conn.Read(buf)
			if err != nil { // end of file, or a reset
				ended = err
				break
			}
			fmt.Printf("heard %q\n", buf[:n])
			if _, err := conn.Write(upper(buf[:n])); err != nil {
				break
			}
		}

		conn.Close()
		if ended == io.EOF {
			fmt.Println(conn.RemoteAddr(), "hung up")
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
