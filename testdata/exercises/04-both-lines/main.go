// Client makes one call, through a Unix domain socket or over TCP: it sends each
// line you type, and prints what the server replies, until your input ends.
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
	addr := flag.String("addr", "phone.sock",
		"connect to this `address`, or to the socket at this path")
	flag.Parse()
	if flag.NArg() > 0 { // an argument that no flag takes
		flag.Usage()
		os.Exit(2)
	}

	network := "unix"
	if strings.Contains(*addr, ":") { // no path of ours has one
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
			// Send, and receive at the same time.
			var sending sync.WaitGroup
			var sendErr error
			sending.Go(func() { _, sendErr = io.WriteString(conn, line+"\n") })
			reply, err := replies.ReadString('\n')
			if reply != "" {
				fmt.Printf("server replied %q\n", reply)
			}
			if err != nil {
				log.Fatalf("%s hung up: %v", *addr, err)
			}
			sending.Wait()
			if sendErr != nil {
				log.Fatal(sendErr)
			}
		}
		if inputErr == io.EOF {
			break
		}
		if inputErr != nil {
			log.Fatal(inputErr)
		}
	}

	fmt.Println()
	conn.Close()
}
