// Wrong on purpose: it has room for 1,024 bytes only.
//
//test:replaces 03-udp/server
//test:fails 03-long: receives "X+" \(1024 bytes
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

	// Buy a phone (socket), put the card in (bind).
	packets, err := net.ListenPacket("udp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	phone := packets.(*net.UDPConn)
	fmt.Println("listening on", phone.LocalAddr())

	message := make([]byte, 1024)
	for { // the communication loop: one message after the other
		// Hear (recvfrom), from anybody.
		n, sender, err := phone.ReadFromUDPAddrPort(message)
		if err != nil {
			log.Fatal(err)
		}

		// Speak (sendto).
		fmt.Printf("%v said %q\n", net.UDPAddrFromAddrPort(sender), message[:n])
		reply := upper(message[:n])
		if _, err := phone.WriteToUDPAddrPort(reply, sender); err != nil {
			log.Print(err)
		}
	}
}

// upper puts a to z in capitals and leaves every other byte alone.
func upper(message []byte) []byte {
	for i, b := range message {
		if 'a' <= b && b <= 'z' {
			message[i] = b - 'a' + 'A'
		}
	}
	return message
}
