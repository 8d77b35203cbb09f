//go:build unix

// Try reads from a connection without waiting: with a deadline in the past, and
// with a real try.
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"syscall"
	"time"
)

func main() {
	log.SetFlags(0)
	addr := flag.String("addr", "127.0.0.1:8080", "call this `address`")
	flag.Parse()
	if flag.NArg() > 0 { // an argument that no flag takes
		flag.Usage()
		os.Exit(2)
	}
	server, err := net.ResolveTCPAddr("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	conn, err := net.DialTCP("tcp", nil, server)
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()

	// Nothing has been sent, so nothing can be there.
	fmt.Println("a try:", try(conn))

	// When one byte is here, the rest of the reply waits after it.
	if _, err := io.WriteString(conn, "hello"); err != nil {
		log.Fatal(err)
	}
	first := make([]byte, 1)
	if _, err := conn.Read(first); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("heard %q, and more waits\n", first)

	conn.SetReadDeadline(time.Now().Add(-time.Second))
	_, err = conn.Read(make([]byte, 1024))
	fmt.Println("a deadline in the past:", err)
	conn.SetReadDeadline(time.Time{}) // no deadline

	fmt.Println("a try:", try(conn))
}

// try reads what is there, and does not wait.
func try(conn *net.TCPConn) string {
	socket, err := conn.SyscallConn()
	if err != nil {
		log.Fatal(err)
	}
	buf := make([]byte, 1024)
	var n int
	var tried error
	err = socket.Read(func(fd uintptr) bool {
		n, tried = syscall.Read(int(fd), buf)
		return true // done, even if nothing was there: do not wait
	})
	if err != nil {
		log.Fatal(err)
	}
	if tried != nil {
		return tried.Error()
	}
	return fmt.Sprintf("%q", buf[:n])
}
