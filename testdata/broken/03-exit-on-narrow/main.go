// Wrong on purpose: a line that is too long on its way ends it.
//
//test:replaces 03-udp/client
//test:fails 03-narrow: exit status 1, want 0
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
	flag.Parse()
	if flag.NArg() > 0 { // an argument that no flag takes
		flag.Usage()
		os.Exit(2)
	}

	server, err := net.ResolveUDPAddr("udp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	conn, err := net.DialUDP("udp", nil, server)
	if err != nil {
		log.Fatal(err)
	}

	keyboard := bufio.NewReader(os.Stdin)
	buf := make([]byte, 65535)
	for { // the communication loop: one line after the other
		fmt.Print(">>: ")
		line, inputErr := keyboard.ReadString('\n')
		if line = strings.TrimSpace(line); line != "" {
			if _, err := io.WriteString(conn, line); err != nil {
				log.Print(err)
			} else {
				n, err := conn.Read(buf)
				if err != nil {
					log.Fatal(err)
				}
				fmt.Printf("server replied %q\n", buf[:n])
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
