// Wrong on purpose: it takes only the port of its address, and no other machine
// can call it.
//
//test:replaces 02-loops/server
//test:fails 02-another-machine: 10\.0\.0\.2:8080: connect: connection refused
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

	_, port, _ := net.SplitHostPort(*addr)
	listener, err := net.Listen("tcp", "127.0.0.1:"+port)
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
			if _, err := conn.Write(upper(buf[:n])); err != nil {
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
