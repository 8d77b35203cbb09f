package sockets

import (
	"bytes"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/sockets/internal/programs"
)

var soak = flag.Int64("soak", 2000, "make so many round `trips` in TestSoak")

// TestSoak sends messages of random sizes to the server of chapter 5 over many
// connections, which close, shut down, are reset, stall and vanish. Each reply
// has to be right, and in the end no descriptor is left, and little memory more
// than after a quarter.
func TestSoak(t *testing.T) {
	t.Parallel()
	program, err := programs.Build("./05-options/server")
	require.NoError(t, err)
	server := startServer(t, program, "-idle", "1m")
	descriptors := func() int {
		open, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", server.cmd.Process.Pid)) // if it tells
		return len(open)
	}
	before, memory := descriptors(), 0
	var trips atomic.Int64
	for _, most := range []int64{*soak / 4, *soak} {
		memory = server.memory() // of a quarter, in the end
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				for trips.Load() < most {
					if err := soakOnce(server.addr, &trips); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		all.Wait()
	}
	assert.Eventually(t, func() bool { return descriptors() <= before+2 }, time.Minute,
		10*time.Millisecond, "descriptors are left")
	assert.Less(t, server.memory(), memory+32<<20, "memory grows")
}

// soakOnce makes one connection, some trips over it, and an end by chance.
func soakOnce(addr string, trips *atomic.Int64) error {
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(time.Minute))
	for range rand.IntN(10) {
		message := bytes.Repeat([]byte{byte('a' + rand.IntN(26))}, 1+rand.IntN(1<<rand.IntN(17)))
		go conn.Write(message)
		reply := make([]byte, len(message))
		_, err := io.ReadFull(conn, reply)
		if err != nil || !bytes.Equal(reply, bytes.ToUpper(message)) {
			return fmt.Errorf("trip %d, of %d bytes: %w", trips.Load(), len(message), err)
		}
		trips.Add(1)
	}
	tcp := conn.(*net.TCPConn)
	switch rand.IntN(5) {
	case 0: // reset, with something unread
		conn.Write(make([]byte, 1<<12))
		return tcp.SetLinger(0)
	case 1: // half-close, and read to the end
		tcp.CloseWrite()
		if rest, err := io.ReadAll(conn); err != nil || len(rest) > 0 {
			return fmt.Errorf("%d bytes too many, %v", len(rest), err)
		}
	case 2: // stall: send and don't read, then vanish
		tcp.SetReadBuffer(1 << 12)
		tcp.SetWriteDeadline(time.Now().Add(time.Millisecond))
		conn.Write(make([]byte, 1<<18))
	}
	return nil
}
