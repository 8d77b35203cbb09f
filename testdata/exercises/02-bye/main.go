// Server answers calls forever, one after the other: it sends back in
// capital letters each line that it receives, and hangs up after bye.
//
//test:replaces 02-loops/server
package main

import (
	"bufio"
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

	for { // the link loop: one connection after the other
		conn, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("call from", conn.RemoteAddr())

		lines := bufio.NewReader(conn)
		for { // the communication loop: one message after the other
			line, err := lines.ReadBytes('\n')
			if err != nil { // end of file, or a reset
				break
			}
			fmt.Printf("heard %q\n", line)
			bye := string(line) == "bye\n"
			if _, err := conn.Write(upper(line)); err != nil || bye {
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
