// Wrong on purpose: it makes a new bufio.Reader for each reply.
//
//test:replaces 02-loops/client
//test:fails 02-two-replies: hung up: EOF
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

	conn, err := net.Dial("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}

	keyboard := bufio.NewReader(os.Stdin)
	for { // the communication loop: one line after the other
		fmt.Print(">>: ")
		line, end := keyboard.ReadString('\n')
		if line = strings.TrimSpace(line); line != "" {
			// Send, and receive at the same time.
			var sending sync.WaitGroup
			sending.Go(func() { io.WriteString(conn, line+"\n") })
			reply, err := bufio.NewReader(conn).ReadString('\n')
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
