// Wrong on purpose: a reply has one deadline, which is set once. So a
// slow one never comes to its end.
//
//test:replaces 05-options/client
//test:fails 05-slow-reply: client ended|broken pipe|reset by peer
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
	"time"
)

func main() {
	log.SetFlags(0)
	addr := flag.String("addr", "127.0.0.1:8080", "call this `address`")
	timeout := flag.Duration("timeout", 0, "wait so `long`")
	flag.Parse()

	// Buy a phone (socket) and dial (connect).
	conn, err := net.Dial("tcp", *addr)
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
			conn.SetReadDeadline(time.Now().Add(*timeout)) // wrong: once a line
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
