package sockets

import (
	"flag"
	"io"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

var soak = flag.Int("soak", 400, "make so many `connections` in TestSoak")

// TestSoak sends messages of random sizes to the server of chapter 5 over many
// connections, which close, shut down, are reset, stall and vanish. Each answer has
// to be right, and in the end no descriptor is left, and little memory more.
func TestSoak(t *testing.T) {
	t.Parallel()
	server := startServer(t, "go run ./05-options/server -idle 1m")
	descriptors, memory := server.descriptors(), server.memory()
	for i := 0; i < *soak && !t.Failed(); i += 20 {
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() { soakOnce(t, server.addr) })
		}
		all.Wait()
	}
	assert.Eventually(t, func() bool { return server.descriptors() <= descriptors+2 },
		time.Minute, 10*time.Millisecond, "descriptors are left")
	assert.Less(t, server.memory(), memory+32<<20, "memory grows")
}

// soakOnce makes one connection, some trips over it, and an end by chance.
func soakOnce(t *testing.T, addr string) {
	conn, err := net.Dial("tcp", addr)
	if !assert.NoError(t, err) {
		return
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(time.Minute))
	for range rand.IntN(10) {
		trip(t, conn, 1+rand.IntN(1<<rand.IntN(17)))
	}
	switch tcp := conn.(*net.TCPConn); rand.IntN(4) {
	case 0: // reset, with something unread
		tcp.Write(make([]byte, 1<<12))
		tcp.SetLinger(0)
	case 1: // half-close, and nothing more comes
		tcp.CloseWrite()
		_, err := tcp.Read(make([]byte, 1))
		assert.Equal(t, io.EOF, err)
	case 2: // stall: send and don't read, then vanish
		tcp.SetWriteDeadline(time.Now().Add(time.Millisecond))
		tcp.Write(make([]byte, 1<<24))
	}
}
