//go:build unix && !aix && !solaris

// Wrong on purpose: it does not say what is wrong with an address.
//
//test:replaces 04-unix/server
//test:fails 04-bad-input: no match for .*want a path
package main

import (
	"errors"
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
	lockFile, err := lock(*addr + ".lock")
	if err != nil {
		log.Fatalf("listen unix %s: %v", *addr, err)
	}
	if err := removeStale(*addr); err != nil {
		log.Fatalf("listen unix %s: %v", *addr, err)
	}
	syscall.Umask(0o177) // only the owner may use what is made now
	listener, err := net.Listen("unix", *addr)
	if err != nil {
		log.Fatal(err)
	}
	file, err := os.Lstat(*addr)
	if err != nil {
		log.Fatal(err)
	}
	lockFile.Close() // from now on, stale finds this server alive
	go func() {
		<-stop
		signal.Stop(stop) // a second one ends the server at once
		if now, err := os.Lstat(*addr); err == nil && os.SameFile(file, now) {
			os.Remove(*addr)
		}
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

// removeStale removes a socket that a dead server has left.
func removeStale(path string) error {
	file, err := os.Lstat(path)
	if err != nil || file.Mode().Type() != os.ModeSocket || !stale(path) {
		return nil // what is in the way, net.Listen reports
	}
	return os.Remove(path)
}

// stale reports whether a socket is there, and nobody listens on it.
func stale(path string) bool {
	conn, err := net.Dial("unixgram", path)
	if err == nil { // a live server for datagrams
		conn.Close()
	}
	return errors.Is(err, syscall.ECONNREFUSED)
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
