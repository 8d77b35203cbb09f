// Server sends a heartbeat to a client that is silent, and closes the connection
// when three of them in a row were in vain.
//
//test:replaces 05-options/server
package main

import (
	"errors"
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
	beat := flag.Duration("beat", time.Minute,
		"send a heartbeat to a client that has been silent for this long")
	flag.Parse()
	if flag.NArg() > 0 { // an argument that no flag takes
		flag.Usage()
		os.Exit(2)
	}

	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening on", listener.Addr())

	for {
		conn, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("call from", conn.RemoteAddr())
		go func() {
			serve(conn, *beat)
			conn.Close()
			fmt.Println(conn.RemoteAddr(), "hung up")
		}()
	}
}

// serve answers until the connection ends, or nothing comes any more.
func serve(conn net.Conn, beat time.Duration) {
	buf := make([]byte, 4096)
	for beats := 0; ; {
		conn.SetDeadline(time.Now().Add(beat))
		n, err := conn.Read(buf)
		if errors.Is(err, os.ErrDeadlineExceeded) && beats < 3 {
			beats++
			n, err = copy(buf, "beat\n"), nil
			conn.SetDeadline(time.Now().Add(beat))
		} else if err == nil {
			beats = 0
			upper(buf[:n])
		}
		if err == nil {
			_, err = conn.Write(buf[:n])
		}
		if err != nil {
			return
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
