package sockets

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/sockets/testdata/play"
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
	addr := "127.0.0.1:0"
	if network == "unix" {
		addr = b.TempDir() + "/phone.sock"
	}
	addr, _ = startServer(b, "./"+stage+"/server", "-addr", addr)
	return dial(b, network, addr, 1)[0]
}

// startServer starts a server, a package of ours or a program, which runs until
// the benchmark ends. It returns its address and its process.
func startServer(b testing.TB, command ...string) (addr string, pid int) {
	program, args := command[0], command[1:]
	if strings.HasPrefix(program, "./") {
		var err error
		program, err = play.Build(program)
		require.NoError(b, err)
		if !slices.Contains(args, "-addr") {
			args = append([]string{"-addr", "127.0.0.1:0"}, args...)
		}
	}
	server := exec.Command(program, args...)
	stdout, err := server.StdoutPipe()
	require.NoError(b, err)
	require.NoError(b, server.Start())
	b.Cleanup(func() { server.Process.Kill(); server.Wait() })
	screen := bufio.NewReader(stdout)
	listening, err := screen.ReadString('\n')
	require.NoError(b, err)
	go io.Copy(io.Discard, screen)
	return strings.TrimSpace(strings.TrimPrefix(listening, "listening on ")), server.Process.Pid
}

// dial calls so many times. The lines are open until the benchmark ends.
func dial(b *testing.B, network, addr string, times int) (lines []net.Conn) {
	for range times {
		line, err := net.Dial(network, addr)
		require.NoError(b, err)
		b.Cleanup(func() { line.Close() })
		lines = append(lines, line)
	}
	return lines
}

// The servers of chapter 5.
var servers = []struct {
	name    string
	command []string
}{
	{"server", []string{"./05-options/server", "-idle", "1h"}},
	{"eventloop", []string{"./05-options/eventloop"}},
	{"eventloop-poll", []string{"./05-options/eventloop", "-wait", "poll"}},
}

// BenchmarkIdle compares the round trips of 10 callers beside many who are
// silent with the same without them, and tells how much memory a silent one
// takes. (With one caller alone, what counts is how soon a core wakes up.)
func BenchmarkIdle(b *testing.B) {
	for _, s := range servers {
		for _, silent := range []int{1000, 8000} {
			b.Run(fmt.Sprintf("%s/%d", s.name, silent), func(b *testing.B) {
				alone, _ := startServer(b, s.command...)
				beside, pid := startServer(b, s.command...)
				before := residentMemory(pid)
				for range silent {
					line, err := net.Dial("tcp", beside)
					if errors.Is(err, syscall.EMFILE) {
						b.Skip("this process may not have so many descriptors")
					}
					require.NoError(b, err)
					line.(*net.TCPConn).SetLinger(0)
					b.Cleanup(func() { line.Close() })
				}
				withThem, without := dial(b, "tcp", beside, 10), dial(b, "tcp", alone, 10)
				trips(b, withThem, 1) // they are answered after all the others
				memory := float64(residentMemory(pid)-before) / 1024
				var with, none time.Duration
				for b.Loop() {
					none += trips(b, without, 10)
					with += trips(b, withThem, 10)
				}
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(float64(with)/float64(none), "of-none")
				if silent == 8000 { // few are lost in what the program takes anyway
					b.ReportMetric(memory/float64(silent), "KiB/caller")
				}
			})
		}
	}
}

// BenchmarkTogether compares how many messages of 100 callers at once a server
// answers with how many a server in C does, which is one thread with epoll.
// They take turns, so what disturbs one disturbs all.
func BenchmarkTogether(b *testing.B) {
	if _, err := exec.LookPath("gcc"); err != nil {
		b.Skip("there is no gcc to compile testdata/c/epoll.c")
	}
	inC := b.TempDir() + "/epoll"
	out, err := exec.Command("gcc", "-O2", "-o", inC, "testdata/c/epoll.c").CombinedOutput()
	require.NoError(b, err, "%s", out)
	for _, s := range servers {
		b.Run(s.name, func(b *testing.B) {
			addrC, _ := startServer(b, inC)
			addr, _ := startServer(b, s.command...)
			toC, toOther := dial(b, "tcp", addrC, 100), dial(b, "tcp", addr, 100)
			var ofC, ofOther time.Duration
			for b.Loop() {
				ofC += trips(b, toC, 20)
				ofOther += trips(b, toOther, 20)
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(ofC)/float64(ofOther), "of-C")
		})
	}
}

// trips says 64 bytes on each line and hears them back, so many times, all
// lines at once. It returns how long that takes.
func trips(b *testing.B, lines []net.Conn, times int) time.Duration {
	message := []byte(strings.Repeat("x", 64))
	start := time.Now()
	var all sync.WaitGroup
	for _, line := range lines {
		all.Go(func() {
			reply := make([]byte, len(message))
			for range times {
				_, err := line.Write(message)
				if err == nil {
					_, err = io.ReadFull(line, reply)
				}
				if err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	return time.Since(start)
}

// residentMemory is how many bytes of memory a process has, where the system
// tells.
func residentMemory(pid int) (n int) {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	_, rest, _ := strings.Cut(string(text), "VmRSS:")
	fmt.Sscan(rest, &n)
	return n << 10
}
