package sockets

import (
	"bufio"
	"io"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestUDPAllocations shows that a message over UDP costs no allocation, if
// the sender's address is a value, and that it costs some if it is not.
func TestUDPAllocations(t *testing.T) {
	packets, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	defer packets.Close()
	phone := packets.(*net.UDPConn)
	caller, err := net.Dial("udp", phone.LocalAddr().String())
	require.NoError(t, err)
	defer caller.Close()

	hello, message := []byte("hello"), make([]byte, 65535)
	ask := func(answer func() error) float64 {
		return testing.AllocsPerRun(1000, func() {
			_, err := caller.Write(hello)
			if err == nil {
				err = answer()
			}
			if err == nil {
				_, err = caller.Read(message)
			}
			if err != nil {
				t.Fatal(err)
			}
		})
	}
	assert.Zero(t, ask(func() error {
		n, sender, err := phone.ReadFromUDPAddrPort(message)
		if err == nil {
			_, err = phone.WriteToUDPAddrPort(message[:n], sender)
		}
		return err
	}))
	assert.NotZero(t, ask(func() error {
		n, sender, err := phone.ReadFrom(message)
		if err == nil {
			_, err = phone.WriteTo(message[:n], sender)
		}
		return err
	}))
}

// BenchmarkRoundTrip compares what it takes to say 64 bytes to a server and
// to hear them back, with the same over TCP to the server of chapter 2. One
// trip of each kind follows the other, so what disturbs one disturbs both.
func BenchmarkRoundTrip(b *testing.B) {
	for _, other := range []struct{ stage, network string }{{"03-udp", "udp"}, {"04-unix", "unix"}} {
		b.Run(other.stage, func(b *testing.B) {
			tcp, line := callServer(b, "02-loops", "tcp"), callServer(b, other.stage, other.network)
			message, reply := []byte(strings.Repeat("x", 64)), make([]byte, 64)
			trip := func(line net.Conn) time.Duration {
				start := time.Now()
				for range 100 {
					_, err := line.Write(message)
					require.NoError(b, err)
					_, err = io.ReadFull(line, reply)
					require.NoError(b, err)
				}
				return time.Since(start)
			}
			var overTCP, overOther time.Duration
			for b.Loop() {
				overTCP += trip(tcp)
				overOther += trip(line)
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(overOther)/float64(overTCP), "of-02-loops")
		})
	}
}

// callServer starts a server of a stage, which runs until the benchmark ends,
// and calls it.
func callServer(b *testing.B, stage, network string) net.Conn {
	program, err := build("./" + stage + "/server")
	require.NoError(b, err)
	addr := "127.0.0.1:0"
	if network == "unix" {
		addr = b.TempDir() + "/phone.sock"
	}
	server := exec.Command(program, "-addr", addr)
	stdout, err := server.StdoutPipe()
	require.NoError(b, err)
	require.NoError(b, server.Start())
	b.Cleanup(func() { server.Process.Kill(); server.Wait() })
	screen := bufio.NewReader(stdout)
	listening, err := screen.ReadString('\n')
	require.NoError(b, err)
	go io.Copy(io.Discard, screen)
	line, err := net.Dial(network, strings.TrimSpace(strings.TrimPrefix(listening, "listening on ")))
	require.NoError(b, err)
	b.Cleanup(func() { line.Close() })
	return line
}
