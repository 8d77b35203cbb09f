// Client makes one phone call, through a file or over TCP: it says each line
// you type, and prints what the server replies.
//
//test:replaces 04-unix/client
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"strings"
	"sync"
)

func main() {
	log.SetFlags(0)
	addr := flag.String("addr", "phone.sock", "call this `address`, or the file at this path")
	flag.Parse()
	if flag.NArg() > 0 { // an argument that no flag takes
		flag.Usage()
		os.Exit(2)
	}

	// Buy a phone (socket) and dial (connect). A path has no colon.
	network := "unix"
	if strings.Contains(*addr, ":") {
		network = "tcp"
	}
	conn, err := net.Dial(network, *addr)
	if err != nil {
		log.Fatal(err)
	}

	keyboard := bufio.NewReader(os.Stdin)
	replies := bufio.NewReader(conn)
	for { // the communication loop: one line after the other
		fmt.Print(">>: ")
		line, inputErr := keyboard.ReadString('\n')
		if line = strings.TrimSpace(line); line != "" {
			// Speak (sendall), and at the same time
			var speaker sync.WaitGroup
			speaker.Go(func() { io.WriteString(conn, line+"\n") })

			// hear (recv), until the end of a line.
			reply, err := replies.ReadString('\n')
			if reply != "" {
				fmt.Printf("server replied %q\n", reply)
			}
			if err != nil {
				log.Fatalf("%s hung up: %v", *addr, err)
			}
			speaker.Wait()
		}
		if inputErr == io.EOF {
			break
		}
		if inputErr != nil {
			log.Fatal(inputErr)
		}
	}

	fmt.Println()
	conn.Close() // hang up
}
