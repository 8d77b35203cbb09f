// Wrong on purpose: when the client does not receive, it drops what the send
// buffer does not take.
//
//test:replaces 02-loops/server
//test:hangs 02-long-lines: receives
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

		for { // the communication loop: one message after the other
			n, err := conn.Read(buf)
			if err != nil { // end of file, or a reset
				break
			}
			fmt.Printf("heard %q\n", buf[:n])
			conn.SetWriteDeadline(time.Now().Add(time.Millisecond))
			_, err = conn.Write(upper(buf[:n]))
			if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
				break
			}
		}

		conn.Close()
		fmt.Println(conn.RemoteAddr(), "hung up")
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
