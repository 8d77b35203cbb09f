// Wrong on purpose: its buffer has 1,024 bytes only.
//
//test:replaces 03-udp/server
//test:hangs 03-long: receives "X*" \((1024|0) bytes
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
)

func main() {
	log.SetFlags(0)
	addr := flag.String("addr", "127.0.0.1:8080", "listen on this `address`")
	flag.Parse()

	packets, err := net.ListenPacket("udp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	socket := packets.(*net.UDPConn)
	fmt.Println("listening on", socket.LocalAddr())

	buf := make([]byte, 1024)

	for { // the communication loop: one message after the other
		n, sender, err := socket.ReadFromUDPAddrPort(buf)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%v said %q\n", net.UDPAddrFromAddrPort(sender), buf[:n])
		reply := upper(buf[:n])
		if _, err := socket.WriteToUDPAddrPort(reply, sender); err != nil {
			log.Print(err)
		}
	}
}

// upper changes a to z to capitals, in b itself, and leaves every other
// byte alone. It returns b.
func upper(b []byte) []byte {
	for i, c := range b {
		if 'a' <= c && c <= 'z' {
			b[i] = c - 'a' + 'A'
		}
	}
	return b
}
