// Wrong on purpose: it takes a reply from anybody.
//
//test:replaces 03-udp/client
//test:fails 03-stranger: A MILLION
package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"strings"
	"syscall"
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
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}

	keyboard := bufio.NewReader(os.Stdin)
	buf := make([]byte, 65535)
	for { // the communication loop: one line after the other
		fmt.Print(">>: ")
		line, inputErr := keyboard.ReadString('\n')
		if line = strings.TrimSpace(line); line != "" {
			if _, err := conn.WriteTo([]byte(line), server); err != nil {
				log.Print(err)
			} else {
				n, _, err := conn.ReadFrom(buf)
				if errors.Is(err, syscall.EMSGSIZE) { // on its way, the line was too long
					log.Print(err)
				} else if err != nil {
					log.Fatal(err)
				} else {
					fmt.Printf("server replied %q\n", buf[:n])
				}
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
