// Wrong on purpose: it goes on speaking, and doesn't hear that the server hung up.
//
//test:replaces 01-phone/client
//test:hangs 01-phone: client does not end
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

	// Speak (send), and once more for each line of input.
	message := []byte("hello")
	for {
		if _, err := conn.Write(message); err != nil {
			log.Fatal(err)
		}
		fmt.Println("said hello")
		fmt.Scanln()
	}
}
