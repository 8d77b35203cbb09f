// Client makes one phone call over TCP or through a file, or sends messages
// over UDP: it says each line you type, and prints what the server replies.
// It looks at its watch while it waits.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"log"
	"os"
	"strings"
)

func main() {
	log.SetFlags(0)
	network := flag.String("network", "tcp", "call over this: `tcp`, udp or unix")
	addr := flag.String("addr", "", "call this `address` "+
		"(default 127.0.0.1:8080, or with -network unix phone.sock)")
	timeout := flag.Duration("timeout", 0, "wait so `long`, each time "+
		"(default for ever)")
	flag.Parse()

	defaults := map[string]string{
		"tcp": "127.0.0.1:8080", "udp": "127.0.0.1:8080", "unix": "phone.sock"}
	if defaults[*network] == "" || *timeout < 0 {
		log.Printf("-network %s -timeout %v: this cannot be", *network, *timeout)
		flag.Usage()
		os.Exit(2)
	}
	if *addr == "" {
		*addr = defaults[*network]
	}

	ask := messages(*addr, *timeout)
	if *network != "udp" {
		ask = call(*network, *addr, *timeout)
	}
	keyboard := bufio.NewReader(os.Stdin)
	for { // the communication loop: one line after the other
		fmt.Print(">>: ")
		line, end := keyboard.ReadString('\n')
		if line = strings.TrimSpace(line); line != "" {
			if err := ask(line); err != nil {
				log.Fatal(err)
			}
		}
		if end == io.EOF {
			break
		} else if end != nil {
			log.Fatal(end)
		}
	}
	fmt.Println() // and the end of the program hangs up
}
