// Server answers phone calls through a file, one after the other. The file
// is its owner's alone, and is taken away at the end.
package main

import (
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

func main() {
	log.SetFlags(0)
	addr := flag.String("addr", "phone.sock", "listen on the file at this `path`")
	flag.Parse()

	// From now on Ctrl-C and kill do not end the program by themselves.
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, os.Interrupt, syscall.SIGTERM)

	phone, file, err := listen(*addr)
	if err != nil {
		log.Fatal(err)
	}
	go func() {
		<-stop
		signal.Stop(stop) // the next one ends it at once
		remove(*addr, file)
		os.Exit(0) // the kernel closes the rest
	}()
	fmt.Println("listening on", phone.Addr())

	message := make([]byte, 1<<20)
	for { // the link loop: one call after the other
		// Wait until it rings, and answer (accept).
		conn, err := phone.Accept()
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("call" + caller(conn.(*net.UnixConn)))

		for { // the communication loop: one message after the other
			// Hear (recv), unless the caller hung up or broke the call.
			n, err := conn.Read(message)
			if err != nil {
				break
			}

			// Speak (send).
			fmt.Printf("heard %q\n", message[:n])
			if _, err := conn.Write(upper(message[:n])); err != nil {
				break
			}
		}

		conn.Close() // hang up
		fmt.Println("the caller hung up")
	}
}

// listen makes the file and stands by. It takes the place of a file that a
// dead server left, and of no other. It returns the phone and its file.
func listen(path string) (net.Listener, os.FileInfo, error) {
	room := len(syscall.RawSockaddrUnix{}.Path) - 1
	if len(path) > room {
		return nil, nil, fmt.Errorf("listen unix %s: %d bytes, with room for %d",
			path, len(path), room)
	} else if path == "" || path[0] == '@' {
		return nil, nil, fmt.Errorf("listen unix %q: not the path of a file", path)
	}
	unlock, err := lock(filepath.Dir(path)) // one server at a time
	if err != nil {
		return nil, nil, fmt.Errorf("listen unix %s: %w", path, err)
	}
	defer unlock()

	if file, err := os.Lstat(path); err == nil {
		if file.Mode().Type() != os.ModeSocket {
			return nil, nil, fmt.Errorf("listen unix %s: it is not a socket", path)
		}
		if conn, err := net.Dial(ring, path); err == nil {
			conn.Close()
		} else if errors.Is(err, refused) { // nobody holds the phone
			if err := os.Remove(path); err != nil {
				return nil, nil, fmt.Errorf("listen unix %s: %w", path, err)
			}
		}
	}

	// Buy a phone (socket), put the card in (bind), stand by (listen).
	defer onlyForMe()()
	phone, err := net.Listen("unix", path)
	if err != nil {
		return nil, nil, err
	}
	file, _ := os.Lstat(path)
	return phone, file, nil
}

// remove takes the file away, unless another one is in its place.
func remove(path string, file os.FileInfo) {
	if unlock, err := lock(filepath.Dir(path)); err == nil {
		defer unlock()
	}
	if now, err := os.Lstat(path); err == nil && os.SameFile(file, now) {
		os.Remove(path)
	}
}

// upper puts a to z in capitals and leaves every other byte alone.
func upper(message []byte) []byte {
	for i, b := range message {
		if 'a' <= b && b <= 'z' {
			message[i] = b - 'a' + 'A'
		}
	}
	return message
}
