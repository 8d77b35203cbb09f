// Client makes one call: it sends what you type and prints what the server
// sends, both at any time, until both have ended.
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
	if flag.NArg() > 0 { // an argument that no flag takes
		flag.Usage()
		os.Exit(2)
	}

	conn, err := net.Dial("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}

	// Send, and then say that this was all (shutdown).
	go func() {
		if _, err := io.Copy(conn, os.Stdin); err != nil {
			log.Fatal(err)
		}
		conn.(*net.TCPConn).CloseWrite()
	}()

	// Receive, line by line, until the server says the same.
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

	conn.Close()
}
