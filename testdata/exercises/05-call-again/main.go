// Client calls again, once for a line, if the server has hung up.
//
//test:replaces 05-options/client
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"os"
	"strings"
	"sync"
)

func main() {
	log.SetFlags(0)
	addr := flag.String("addr", "127.0.0.1:8080", "call this `address`")
	flag.Parse()
	if flag.NArg() > 0 { // an argument that no flag takes
		flag.Usage()
		os.Exit(2)
	}

	conn, err := net.Dial("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}

	keyboard := bufio.NewReader(os.Stdin)
	replies := bufio.NewReader(conn)
	for { // the communication loop: one line after the other
		fmt.Print(">>: ")
		line, inputErr := keyboard.ReadString('\n')
		if line = strings.TrimSpace(line); line != "" {
			err := ask(conn, replies, line)
			if err != nil {
				conn.Close()
				if conn, err = net.Dial("tcp", *addr); err == nil {
					replies.Reset(conn)
					err = ask(conn, replies, line)
				}
			}
			if err != nil {
				log.Fatalf("%s: %v", *addr, err)
			}
		}
		if inputErr == io.EOF {
			break
		}
		if inputErr != nil {
			log.Fatal(inputErr)
		}
	}

	fmt.Println()
	conn.Close()
}

// ask sends a line, and receives the reply at the same time. It prints the
// reply if it is whole.
func ask(conn net.Conn, replies *bufio.Reader, line string) error {
	var sending sync.WaitGroup
	var sendErr error
	sending.Go(func() { _, sendErr = io.WriteString(conn, line+"\n") })
	reply, err := replies.ReadString('\n')
	if err != nil {
		conn.Close() // or sending might wait
		sending.Wait()
		return err
	}
	fmt.Printf("server replied %q\n", reply)
	sending.Wait()
	return sendErr
}
