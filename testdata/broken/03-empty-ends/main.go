// Wrong on purpose: it takes an empty datagram for the end.
//
//test:replaces 03-udp/server
//test:fails 03-empty: ended|refused
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

	packets, err := net.ListenPacket("udp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	socket := packets.(*net.UDPConn)
	fmt.Println("listening on", socket.LocalAddr())

	buf := make([]byte, 65535) // no datagram is longer

	for { // the communication loop: one message after the other
		n, sender, err := socket.ReadFromUDPAddrPort(buf)
		if err != nil {
			log.Fatal(err)
		}
		if n == 0 {
			break // wrong: this was a datagram too
		}
		fmt.Printf("%v said %q\n", net.UDPAddrFromAddrPort(sender), buf[:n])
		reply := upper(buf[:n])
		if _, err := socket.WriteToUDPAddrPort(reply, sender); err != nil {
			log.Print(err)
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
