// Wrong on purpose: it asks again, and takes a late reply for the reply
// to the next line.
//
//test:replaces 05-options/client
//test:fails 05-late: client and client.want differ
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
	"time"
)

func main() {
	log.SetFlags(0)
	addr := flag.String("addr", "127.0.0.1:8080", "call this `address`")
	flag.String("network", "udp", "only UDP")
	timeout := flag.Duration("timeout", 0, "wait so `long` each time")
	flag.Parse()

	// Buy a phone (socket) and choose a number (connect). Wrong: only one.
	conn, err := net.Dial("udp", *addr)
	if err != nil {
		log.Fatal(err)
	}

	keyboard, reply := bufio.NewReader(os.Stdin), make([]byte, 65535)
	for { // the communication loop: one line after the other
		fmt.Print(">>: ")
		line, end := keyboard.ReadString('\n')
		if line = strings.TrimSpace(line); line != "" {
			err := error(nil)
			for range 3 {
				// Speak (send), all of it in one message.
				if _, err := io.WriteString(conn, line); err != nil {
					log.Fatal(err)
				}

				// Hear (recv): one message is the reply, but to which line?
				conn.SetReadDeadline(time.Now().Add(*timeout))
				n := 0
				if n, err = conn.Read(reply); err == nil {
					fmt.Printf("server replied %q\n", reply[:n])
					break
				}
			}
			if err != nil {
				log.Fatal(err)
			}
		}
		if end == io.EOF {
			break
		} else if end != nil {
			log.Fatal(end)
		}
	}

	fmt.Println()
	conn.Close() // hang up
}
