//go:build unix

// Server has large buffers, and few of them: a connection has one only while
// there is something to read and to send back.
//
//test:replaces 05-options/server
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"sync"
	"syscall"
)

var pool = sync.Pool{New: func() any { return new([32 << 10]byte) }}

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

	for { // the link loop: many connections at once
		conn, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("call from", conn.RemoteAddr())
		go func() {
			socket, err := conn.(*net.TCPConn).SyscallConn()
			for err == nil { // the communication loop: one read after the other
				err = serve(conn, socket)
			}
			conn.Close()
			fmt.Println(conn.RemoteAddr(), "hung up")
		}()
	}
}

// serve waits until there is something to read, without a buffer, and then
// sends it back in capital letters.
func serve(conn net.Conn, socket syscall.RawConn) error {
	var buf *[32 << 10]byte
	var n int
	var tried error
	err := socket.Read(func(fd uintptr) bool {
		buf = pool.Get().(*[32 << 10]byte)
		if n, tried = syscall.Read(int(fd), buf[:]); tried == syscall.EAGAIN {
			pool.Put(buf)
			return false // nothing there: wait, and then try again
		}
		return true
	})
	if err != nil {
		return err
	}
	defer pool.Put(buf)
	if tried != nil {
		return tried
	} else if n == 0 {
		return io.EOF
	}
	fmt.Println(conn.RemoteAddr(), "sent", n, "bytes")
	_, err = conn.Write(upper(buf[:n]))
	return err
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
