// Relay stands between client and server and carries their messages, as a
// network does: it may lose one, carry it twice, or carry it late.
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"net/netip"
	"sync/atomic"
)

func main() {
	log.SetFlags(0)
	addr := flag.String("addr", "127.0.0.1:8081", "take messages at this `address`")
	to := flag.String("to", "127.0.0.1:8080", "carry them to this `address`")
	lose := flag.Int("lose", 0, "lose `message` number 1, 2, ...")
	double := flag.Int("double", 0, "carry this `message` twice")
	delay := flag.Int("delay", 0, "carry this `message` behind the next one")
	flag.Parse()

	packets, err := net.ListenPacket("udp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	near := packets.(*net.UDPConn)
	far, err := net.Dial("udp", *to)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening on", near.LocalAddr())

	// The way back, to the last one who said something.
	var last atomic.Pointer[netip.AddrPort]
	go func() {
		reply := make([]byte, 65535)
		for {
			if n, err := far.Read(reply); err != nil {
				log.Print(err)
			} else if _, err := near.WriteToUDPAddrPort(reply[:n], *last.Load()); err != nil {
				log.Print(err)
			}
		}
	}()

	var late []byte
	message := make([]byte, 65535)
	for number := 1; ; number++ {
		n, sender, err := near.ReadFromUDPAddrPort(message)
		if err != nil {
			log.Fatal(err)
		}
		last.Store(&sender)
		switch number {
		case *lose:
			fmt.Printf("lost %q\n", message[:n])
			continue
		case *delay:
			fmt.Printf("kept %q\n", message[:n])
			late = append(late, message[:n]...)
			continue
		case *double:
			fmt.Printf("doubled %q\n", message[:n])
			far.Write(message[:n])
		}
		far.Write(message[:n])
		if late != nil {
			far.Write(late)
			late = nil
		}
	}
}
