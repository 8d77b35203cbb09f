// Wrong on purpose: it asks each connection in turn for what is there,
// with a deadline in the past, and never gets it.
//
//test:replaces 05-options/server
//test:hangs 05-silent: .
//test:hangs 05-try: does not end
package main

import (
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

	var conns []net.Conn
	buf := make([]byte, 4096)
	for ; ; time.Sleep(time.Millisecond) {
		listener.(*net.TCPListener).SetDeadline(time.Now().Add(time.Millisecond))
		if conn, err := listener.Accept(); err == nil {
			fmt.Println("call from", conn.RemoteAddr())
			conns = append(conns, conn)
		}
		for _, conn := range conns {
			// Wrong: from now on each Read fails, whatever is there.
			conn.SetReadDeadline(time.Now())
			if n, err := conn.Read(buf); err == nil {
				conn.Write(upper(buf[:n]))
			}
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
