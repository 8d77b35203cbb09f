// Wrong on purpose: it sends a line in two pieces, and with -collect the kernel
// keeps the second one until the peer has confirmed the first.
//
//test:replaces 05-options/client
//test:fails 05-nobody: 05-two-writes
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
)

func main() {
	log.SetFlags(0)
	addr := flag.String("addr", "127.0.0.1:8080", "call this `address`")
	collect := flag.Bool("collect", false, "do without TCP_NODELAY")
	flag.Parse()

	conn, err := net.Dial("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	conn.(*net.TCPConn).SetNoDelay(!*collect)

	keyboard, replies := bufio.NewReader(os.Stdin), bufio.NewReader(conn)
	for {
		fmt.Print(">>: ")
		line, end := keyboard.ReadString('\n')
		if line = strings.TrimSpace(line); line != "" {
			if _, err := io.WriteString(conn, line); err != nil {
				log.Fatal(err)
			}
			if _, err := io.WriteString(conn, "\n"); err != nil {
				log.Fatal(err)
			}
			reply, err := replies.ReadString('\n')
			if err != nil {
				log.Fatal(err)
			}
			fmt.Printf("server replied %q\n", reply)
		}
		if end != nil {
			break
		}
	}

	fmt.Println()
	conn.Close()
}
