// Server asks a silent peer whether it is still there, as often as it is told.
//
//test:replaces 05-options/server
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net"
	"os"
	"time"
)

func main() {
	log.SetFlags(0)
	addr := flag.String("addr", "127.0.0.1:8080", "listen on this `address`")
	alive := flag.Duration("alive", 15*time.Second,
		"ask a peer that has been silent for this long, and again after as long")
	flag.Parse()
	if flag.NArg() > 0 { // an argument that no flag takes
		flag.Usage()
		os.Exit(2)
	}

	config := net.ListenConfig{KeepAliveConfig: net.KeepAliveConfig{
		Enable: true, Idle: *alive, Interval: *alive, Count: 2,
	}}
	listener, err := config.Listen(context.Background(), "tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening on", listener.Addr())

	for { // the link loop: one call after the other
		conn, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("call from", conn.RemoteAddr())
		go func() {
			err := serve(conn)
			conn.Close()
			fmt.Println(conn.RemoteAddr(), "ended:", err)
		}()
	}
}

// serve sends back in capital letters what it receives, until a call fails.
func serve(conn net.Conn) error {
	buf := make([]byte, 4096)
	for { // the communication loop: one read after the other
		n, err := conn.Read(buf)
		if err != nil {
			return err
		}
		if _, err := conn.Write(upper(buf[:n])); err != nil {
			return err
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
