// Wrong on purpose: anybody may connect, if the umask lets them.
//
//test:replaces 04-unix/server
//test:fails 04-file: srw
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
	locked, err := lock(*addr + ".lock")
	if err != nil {
		log.Fatalf("listen unix %s: %v", *addr, err)
	}
	if err := removeStale(*addr); err != nil {
		log.Fatalf("listen unix %s: %v", *addr, err)
	}
	listener, err := net.Listen("unix", *addr)
	if err != nil {
		log.Fatal(err)
	}
	file, _ := os.Lstat(*addr)
	locked.Close() // from now on, removeStale finds this server alive
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

// removeStale removes a socket that nobody listens on.
func removeStale(path string) error {
	if file, err := os.Lstat(path); err == nil && file.Mode().Type() != os.ModeSocket {
		return errors.New("address already in use by a file that is not a socket")
	}
	if _, err := net.Dial(probe, path); errors.Is(err, refused) {
		return os.Remove(path)
	}
	return nil
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
