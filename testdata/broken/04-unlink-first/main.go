// Wrong on purpose: it removes any file in its place, a live server's too.
//
//test:replaces 04-unix/server
//test:hangs 04-live: second does not print
//test:fails 04-at-once: matches for .listening on|refused|no such file
//test:hangs 04-others: does not end
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	log.SetFlags(0)
	addr := flag.String("addr", "phone.sock", "listen on the socket at this `path`")
	flag.Parse()
	if flag.NArg() > 0 { // an argument that no flag takes
		flag.Usage()
		os.Exit(2)
	}

	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)
	os.Remove(*addr)
	listener, err := net.Listen("unix", *addr)
	if err != nil {
		log.Fatal(err)
	}
	go func() {
		<-stop
		signal.Stop(stop) // a second one ends the server at once
		os.Remove(*addr)
		os.Exit(0) // the kernel closes the connections
	}()
	fmt.Println("listening on", listener.Addr())

	buf := make([]byte, 4096)
	for { // the link loop: one connection after the other
		conn, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("call from", conn.RemoteAddr())

		for { // the communication loop: one message after the other
			n, err := conn.Read(buf)
			if err != nil { // end of file, or a reset
				break
			}
			fmt.Printf("heard %q\n", buf[:n])
			if _, err := conn.Write(upper(buf[:n])); err != nil {
				break
			}
		}

		conn.Close()
		fmt.Println(conn.RemoteAddr(), "hung up")
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
