// Wrong on purpose: it ignores what may fail.
//
//test:replaces 01-phone/client
//test:fails 01-wire-nobody: exit status 2
//test:fails 01-nobody: nil pointer dereference
//test:fails 01-no-reply: exit status 0, want 1
//test:fails 01-bad-input: exit status 2, want 1
package main

import (
	"flag"
	"fmt"
	"io"
	"net"
	"os"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8080", "call this `address`")
	flag.Parse()
	if flag.NArg() > 0 { // an argument that no flag takes
		flag.Usage()
		os.Exit(2)
	}

	// Buy a phone (socket) and dial (connect).
	conn, _ := net.Dial("tcp", *addr)

	// Speak (send).
	message := []byte("hello")
	conn.Write(message)

	// Hear the reply (recv) until as much has come back as was sent.
	buf := make([]byte, 1024)
	n, _ := io.ReadAtLeast(conn, buf, len(message))
	fmt.Printf("server replied %q\n", buf[:n])

	// Hang up (close).
	conn.Close()
}
