// Wrong on purpose: it does not say that a reply could not be sent.
//
//test:replaces 03-udp/server
//test:fails 03-cannot-send: no match for
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"os"
)

func main() {
	log.SetFlags(0)
	addr := flag.String("addr", "127.0.0.1:8080", "listen on this `address`")
	flag.Parse()
	if flag.NArg() > 0 { // an argument that no flag takes
		flag.Usage()
		os.Exit(2)
	}

	laddr, err := net.ResolveUDPAddr("udp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	conn, err := net.ListenUDP("udp", laddr)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening on", conn.LocalAddr())

	buf := make([]byte, 65535) // no datagram is longer

	for { // the communication loop: one message after the other
		n, sender, err := conn.ReadFromUDPAddrPort(buf)
		if err != nil {
			log.Fatal(err)
		}
		from := net.UDPAddrFromAddrPort(sender) // prints ::ffff:127.0.0.1 as 127.0.0.1
		fmt.Printf("%v said %q\n", from, buf[:n])
		reply := upper(buf[:n])
		if _, err := conn.WriteToUDPAddrPort(reply, sender); err != nil {
			continue
		}
	}
}

// upper puts a to z in capitals, in b itself. All other bytes stay.
func upper(b []byte) []byte {
	for i, c := range b {
		if 'a' <= c && c <= 'z' {
			b[i] = c - 'a' + 'A'
		}
	}
	return b
}
