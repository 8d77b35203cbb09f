// Wrong on purpose: it does not print the part of a reply that came before the
// server hung up.
//
//test:replaces 02-loops/client
//test:fails 02-hangs-up: no match for
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
	if flag.NArg() > 0 { // an argument that no flag takes
		flag.Usage()
		os.Exit(2)
	}

	conn, err := net.Dial("tcp", *addr)
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
			if err == nil {
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
