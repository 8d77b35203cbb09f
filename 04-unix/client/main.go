// Client makes one call through a Unix domain socket: it sends each line you
// type, and prints what the server replies, until your input ends.
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
	addr := flag.String("addr", "phone.sock", "connect to the socket at this `path`")
	flag.Parse()

	conn, err := net.Dial("unix", *addr)
	if err != nil {
		log.Fatal(err)
	}

	keyboard, replies := bufio.NewReader(os.Stdin), bufio.NewReader(conn)
	for { // the communication loop: one line after the other
		fmt.Print(">>: ")
		line, end := keyboard.ReadString('\n')
		if line = strings.TrimSpace(line); line != "" {
			// Send, and receive at the same time.
			var sending sync.WaitGroup
			sending.Go(func() { io.WriteString(conn, line+"\n") })
			reply, err := replies.ReadString('\n')
			if reply != "" {
				fmt.Printf("server replied %q\n", reply)
			}
			if err != nil {
				log.Fatalf("%s hung up: %v", *addr, err)
			}
			sending.Wait()
		}
		if end == io.EOF {
			break
		} else if end != nil {
			log.Fatal(end)
		}
	}

	fmt.Println()
	conn.Close()
}
