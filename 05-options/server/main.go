// Server answers any number of phone calls at once, for as long as it runs.
// It hangs up on callers who are silent for too long, or do not listen.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

func main() {
	log.SetFlags(0)
	addr := flag.String("addr", "127.0.0.1:8080", "listen on this `address`")
	idle := flag.Duration("idle", time.Minute, "hang up after so `long` a silence")
	flag.Parse()
	if *idle <= 0 {
		log.Printf("-idle %v: no time to say anything", *idle)
		flag.Usage()
		os.Exit(2)
	}

	// Ctrl-C and kill do not end the program from now on, but the context.
	ctx, stop := signal.NotifyContext(context.Background(),
		os.Interrupt, syscall.SIGTERM)

	// Buy a phone (socket), put the card in (bind), stand by (listen).
	phone, err := listen(*addr)
	if err != nil {
		log.Fatal(err)
	}
	context.AfterFunc(ctx, func() {
		stop()        // the next Ctrl-C ends the program at once
		phone.Close() // switch the phone off
		time.AfterFunc(time.Second, func() { os.Exit(0) })
	})
	fmt.Println("listening on", phone.Addr())

	var calls sync.WaitGroup
	for { // the link loop: many calls at once
		// Wait until it rings, and answer (accept).
		conn, err := accept(phone)
		if err != nil {
			break // the phone is off
		}
		fmt.Println("call from", conn.RemoteAddr())
		calls.Go(func() { take(ctx, conn, *idle) })
	}
	calls.Wait()
}

// take takes one call, from its beginning to its end.
func take(ctx context.Context, conn net.Conn, idle time.Duration) {
	forget := context.AfterFunc(ctx, func() { conn.Close() })
	defer forget()

	why := talk(conn, idle)
	conn.Close() // hang up
	fmt.Println(conn.RemoteAddr(), why)
}
