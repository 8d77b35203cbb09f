// Client makes one phone call: it says what you type and prints what the
// server says, both at any time, until both have nothing more to say.
//
//test:replaces 02-loops/client
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"os"
)

func main() {
	log.SetFlags(0)
	addr := flag.String("addr", "127.0.0.1:8080", "call this `address`")
	flag.Parse()

	// Buy a phone (socket) and dial (connect).
	conn, err := net.Dial("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}

	// Speak (sendall), and then say that this was all (shutdown).
	go func() {
		if _, err := io.Copy(conn, os.Stdin); err != nil {
			log.Fatal(err)
		}
		conn.(*net.TCPConn).CloseWrite()
	}()

	// Hear (recv), line by line, until the server hangs up.
	replies := bufio.NewReader(conn)
	for {
		reply, err := replies.ReadString('\n')
		if reply != "" {
			fmt.Printf("server said %q\n", reply)
		}
		if err == io.EOF {
			break
		} else if err != nil {
			log.Fatal(err)
		}
	}

	conn.Close() // hang up
}
