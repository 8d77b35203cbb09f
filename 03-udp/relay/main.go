// Relay sits between client and server and passes their datagrams on, as a
// network does: it may lose one, send it twice, or send it late.
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"net/netip"
	"os"
	"sync/atomic"
)

func main() {
	log.SetFlags(0)
	addr := flag.String("addr", "127.0.0.1:8081", "listen on this `address`")
	to := flag.String("to", "127.0.0.1:8080", "send on to this `address`")
	lose := flag.Int("lose", 0, "lose `datagram` number 1, 2, ...")
	double := flag.Int("double", 0, "send this `datagram` twice")
	delay := flag.Int("delay", 0, "send this `datagram` after the next one")
	flag.Parse()
	if flag.NArg() > 0 { // an argument that no flag takes
		flag.Usage()
		os.Exit(2)
	}

	laddr, err := net.ResolveUDPAddr("udp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	near, err := net.ListenUDP("udp", laddr)
	if err != nil {
		log.Fatal(err)
	}
	far, err := net.Dial("udp", *to)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening on", near.LocalAddr())

	// The way back, to the last sender.
	var last atomic.Pointer[netip.AddrPort]
	go func() {
		buf := make([]byte, 65535)
		for {
			if n, err := far.Read(buf); err != nil {
				log.Print(err)
			} else if _, err := near.WriteToUDPAddrPort(buf[:n], *last.Load()); err != nil {
				log.Print(err)
			}
		}
	}()

	send := func(datagram []byte) {
		if _, err := far.Write(datagram); err != nil {
			log.Print(err)
		}
	}
	var late []byte
	buf := make([]byte, 65535)
	for number := 1; ; number++ {
		n, sender, err := near.ReadFromUDPAddrPort(buf)
		if err != nil {
			log.Fatal(err)
		}
		last.Store(&sender)
		switch number {
		case *lose:
			fmt.Printf("lost %q\n", buf[:n])
			continue
		case *delay:
			fmt.Printf("kept %q\n", buf[:n])
			late = append(late, buf[:n]...)
			continue
		case *double:
			fmt.Printf("doubled %q\n", buf[:n])
			send(buf[:n])
		}
		send(buf[:n])
		if late != nil {
			send(late)
			late = nil
		}
	}
}
