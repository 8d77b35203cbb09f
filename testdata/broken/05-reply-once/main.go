// Wrong on purpose: a reply has one deadline, so a slow one never arrives whole.
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
	timeout := flag.Duration("timeout", 0, "wait so `long`, 0 is for ever")
	flag.Parse()

	conn, err := net.DialTimeout("tcp", *addr, *timeout)
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
			if *timeout > 0 {
				conn.SetReadDeadline(time.Now().Add(*timeout))
			}
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
