// Wrong on purpose: it sends 3,000 bytes to a server that receives 1,024.
//
//test:replaces 01-phone/client
//test:fails 01-phone: replied with 1024 bytes
//test:fails 01-start-client: receives "xxxxx"
package main

import (
	"bytes"
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
	message := bytes.Repeat([]byte("x"), 3000)
	if _, err := conn.Write(message); err != nil {
		log.Fatal(err)
	}

	// Hear the reply (recv) until the server hangs up.
	reply, err := io.ReadAll(conn)
	fmt.Printf("server replied with %d bytes\n", len(reply))
	if err != nil {
		log.Fatal(err)
	}

	// Hang up (close).
	conn.Close()
}
