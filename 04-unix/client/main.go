// Client makes one phone call through a file: it says each line you type, and
// prints what the server replies, until you have nothing more to say.
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
	addr := flag.String("addr", "phone.sock", "call the file at this `path`")
	flag.Parse()

	// Buy a phone (socket) and dial (connect).
	conn, err := net.Dial("unix", *addr)
	if err != nil {
		log.Fatal(err)
	}

	keyboard, replies := bufio.NewReader(os.Stdin), bufio.NewReader(conn)
	for { // the communication loop: one line after the other
		fmt.Print(">>: ")
		line, end := keyboard.ReadString('\n')
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
		if end == io.EOF {
			break
		} else if end != nil {
			log.Fatal(end)
		}
	}

	fmt.Println()
	conn.Close() // hang up
}
