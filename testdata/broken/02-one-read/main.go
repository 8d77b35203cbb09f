// Wrong on purpose: it takes what one Read brings for the whole reply.
//
//test:replaces 02-loops/client
//test:hangs 02-pieces: server replied "H"
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
	if flag.NArg() > 0 { // an argument that no flag takes
		flag.Usage()
		os.Exit(2)
	}

	conn, err := net.Dial("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}

	keyboard := bufio.NewReader(os.Stdin)
	buf := make([]byte, 16)
	for { // the communication loop: one line after the other
		fmt.Print(">>: ")
		line, inputErr := keyboard.ReadString('\n')
		if line = strings.TrimSpace(line); line != "" {
			// Send, and receive at the same time.
			var sending sync.WaitGroup
			var sendErr error
			sending.Go(func() { _, sendErr = io.WriteString(conn, line+"\n") })
			n, err := conn.Read(buf)
			if n > 0 {
				fmt.Printf("server replied %q\n", buf[:n])
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
