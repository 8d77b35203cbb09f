// Wrong on purpose: it believes a reply from anybody.
//
//test:replaces 03-udp/client
//test:fails 03-stranger: A MILLION
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

	// Buy a phone (socket), put a card in (bind).
	server, err := net.ResolveUDPAddr("udp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	phone, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}

	keyboard, reply := bufio.NewReader(os.Stdin), make([]byte, 65535)
	for { // the communication loop: one line after the other
		fmt.Print(">>: ")
		line, end := keyboard.ReadString('\n')
		if line = strings.TrimSpace(line); line != "" {
			// Speak (sendto), all of it in one message.
			if _, err := phone.WriteTo([]byte(line), server); err != nil {
				log.Print(err)
			} else {
				// Hear (recvfrom): one message is the reply.
				n, _, err := phone.ReadFrom(reply)
				if err != nil {
					log.Fatal(err)
				}
				fmt.Printf("server replied %q\n", reply[:n])
			}
		}
		if end == io.EOF {
			break
		} else if end != nil {
			log.Fatal(end)
		}
	}

	fmt.Println()
	phone.Close() // switch the phone off
}
