// Wrong on purpose: it takes what one Read brings for the whole reply.
//
//test:replaces 02-loops/client
//test:hangs 02-pieces: .
//test:fails 02-loops: ann and ann.want differ
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
	addr := flag.String("addr", "127.0.0.1:8080", "call this `address`")
	flag.Parse()

	// Buy a phone (socket) and dial (connect).
	conn, err := net.Dial("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}

	keyboard, reply := bufio.NewReader(os.Stdin), make([]byte, 16)
	for { // the communication loop: one line after the other
		fmt.Print(">>: ")
		line, end := keyboard.ReadString('\n')
		if line = strings.TrimSpace(line); line != "" {
			// Speak (sendall), and at the same time
			var speaker sync.WaitGroup
			speaker.Go(func() { io.WriteString(conn, line+"\n") })

			// hear (recv), once.
			n, err := conn.Read(reply)
			if n > 0 {
				fmt.Printf("server replied %q\n", reply[:n])
			}
			if err != nil {
				log.Fatalf("%s hung up: %v", *addr, err)
			}
			speaker.Wait()
		}
		if end == io.EOF {
			break
		} else if end != nil {
			log.Fatal(end)
		}
	}

	fmt.Println()
	conn.Close() // hang up
}
