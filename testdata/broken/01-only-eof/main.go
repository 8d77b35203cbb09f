// Wrong on purpose: it takes the end alone for a failure, and a reset for a
// reply.
//
//test:replaces 01-phone/client
//test:fails 01-no-reply: exit status 0, want 1
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
	addr := flag.String("addr", "127.0.0.1:8080", "call this `address`")
	flag.Parse()
	if flag.NArg() > 0 { // an argument that no flag takes
		flag.Usage()
		os.Exit(2)
	}

	// Buy a phone (socket) and dial (connect).
	conn, err := net.Dial("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}

	// Speak (send).
	message := []byte("hello")
	if _, err := conn.Write(message); err != nil {
		log.Fatal(err)
	}

	// Hear the reply (recv) until as much has come back as was sent.
	buf := make([]byte, 1024)
	n, err := io.ReadAtLeast(conn, buf, len(message))
	if n > 0 {
		fmt.Printf("server replied %q\n", buf[:n])
	}
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		log.Fatalf("%s hung up too soon: %v", *addr, err)
	}

	// Hang up (close).
	conn.Close()
}
