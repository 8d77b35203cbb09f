package sockets

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/sockets/internal/proc"
)

// TestUDPAllocations shows that a message over UDP costs no allocation, if
// the sender's address is a value, and that it costs some if it is not.
func TestUDPAllocations(t *testing.T) {
	packets, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	defer packets.Close()
	socket, hello := packets.(*net.UDPConn), make([]byte, 5)
	self := socket.LocalAddr().(*net.UDPAddr).AddrPort() // it sends to itself
	sendTo := func() error { _, err := socket.WriteToUDPAddrPort(hello, self); return err }
	byValue := func() error { _, _, err := socket.ReadFromUDPAddrPort(hello); return err }
	byPointer := func() error { _, _, err := socket.ReadFrom(hello); return err }
	allocations := func(receive func() error) float64 {
		return testing.AllocsPerRun(1000, func() {
			if err := errors.Join(sendTo(), receive()); err != nil {
				t.Fatal(err)
			}
		})
	}
	assert.Zero(t, allocations(byValue))
	assert.NotZero(t, allocations(byPointer))
}

// The servers that are measured, the network that each is for, and the program
// below testdata/c that it is compared with. Chapter 1's answers one call only.
var servers = []struct{ pkg, network, inC string }{
	{"02-loops/server", "tcp", "blocking"},
	{"03-udp/server", "udp", "blocking"},
	{"04-unix/server", "unix", "blocking"},
	{"05-options/server", "tcp", "epoll"},
	{"05-options/eventloop", "tcp", "epoll"},
}

// A load is so many round trips of so many bytes on each of so many connections
// at once, or, with 0 of them, so many calls: connect, send and receive, close.
var loads = []struct{ conns, bytes, times int }{
	{0, 64, 50}, {1, 64, 100}, {1, 4096, 100}, {1, 65507, 20}, {1, 1 << 20, 2},
	{10, 64, 50}, {100, 64, 10}, {1000, 64, 2}, {8000, 64, 1},
}

// BenchmarkCost measures how long a round trip takes, and how long processors
// work for it in the server's own process, and compares both with a server in C.
// The two take turns, so what disturbs one disturbs both.
func BenchmarkCost(b *testing.B) {
	if runtime.GOOS != "linux" {
		b.Skip("epoll is Linux's")
	}
	for _, s := range servers {
		inC := []string{build(b, "gcc", "-O2", "testdata/c/"+s.inC+".c"), s.network}
		for _, l := range []struct {
			name    string
			command []string
		}{
			{"Go", []string{build(b, "go", "build", "./"+s.pkg)}},
			{"Python", []string{"python3", "testdata/python/" + s.pkg + ".py"}},
			{"C", inC},
		} {
			for _, load := range loads {
				switch { // they would wait in the queue, be lost, or (threads) take minutes
				case load.conns > 1 && s.network == "unix", load.conns > 1 && s.pkg == "02-loops/server",
					s.network == "udp" && (load.conns > 100 || load.bytes > 65507),
					load.conns > 1000 && s.pkg == "05-options/server" && l.name == "Python":
					continue
				}
				name := fmt.Sprintf("conns=%d/bytes=%d", load.conns, load.bytes)
				if load.conns == 0 {
					name = "call"
				}
				b.Run(fmt.Sprintf("%s/in=%s/%s", strings.TrimSuffix(strings.Replace(s.pkg, "options/e", "e", 1), "/server"), l.name, name), func(b *testing.B) {
					if _, err := exec.LookPath(l.command[0]); err != nil {
						b.Skip(err)
					}
					server, yardstick := startServer(b, s.network, l.command...), startServer(b, s.network, inC...)
					conns, connsC := server.dial(b, load.conns), yardstick.dial(b, load.conns)
					server.settle(b, conns, load.bytes)
					yardstick.settle(b, connsC, load.bytes)
					var took, tookC []time.Duration
					for b.Loop() {
						took = append(took, server.trips(b, conns, load.bytes, load.times))
						tookC = append(tookC, yardstick.trips(b, connsC, load.bytes, load.times))
					}
					trips := float64(load.times * max(load.conns, 1))
					used, usedC := server.stop(), yardstick.stop()
					b.ReportMetric(median(took)/trips, "ns/op")
					b.ReportMetric(median(tookC)/median(took), "messages-of-C")
					b.ReportMetric(float64(used)/trips/float64(b.N), "processor-ns/op")
					b.ReportMetric(float64(used)/float64(usedC), "processor-of-C")
				})
			}
		}
	}
}

// median is the middle of some times. One that was disturbed doesn't count in it.
func median(times []time.Duration) float64 {
	slices.Sort(times)
	return float64(times[len(times)/2])
}

// build compiles a program, if there is what it takes.
func build(b *testing.B, command ...string) string {
	if _, err := exec.LookPath(command[0]); err != nil {
		b.Skip(err)
	}
	program := filepath.Join(b.TempDir(), "program.exe")
	i := len(command) - 1
	args := append(command[1:i:i], "-o", program, command[i])
	out, err := exec.Command(command[0], args...).CombinedOutput()
	require.NoError(b, err, "%s", out)
	return program
}

// A process is a server that a test has started.
type process struct {
	network, addr string
	cmd           *exec.Cmd
	before        time.Duration // that processors have worked for it, and don't count
}

// startServer starts a server, which runs until the test ends, or stop is called.
// Its screen is a file: whoever reads along takes time.
func startServer(b testing.TB, network string, command ...string) *process {
	p := &process{network: network, addr: "127.0.0.1:0"}
	if network == "unix" {
		p.addr = filepath.Join(b.TempDir(), "phone.sock")
	}
	screen, err := os.Create(filepath.Join(b.TempDir(), "screen"))
	require.NoError(b, err)
	p.cmd = exec.Command(command[0], append(command[1:], "-addr", p.addr)...)
	p.cmd.Stdout = screen
	require.NoError(b, proc.Start(p.cmd))
	b.Cleanup(func() { p.stop(); screen.Close() })
	require.Eventually(b, func() bool {
		line, _, listening := strings.Cut(read(b, screen.Name()), "\n")
		p.addr = strings.TrimPrefix(line, "listening on ")
		return listening
	}, time.Minute, time.Millisecond, "%v does not listen", command)
	return p
}

// settle has each connection make a trip, and leaves out of what stop returns
// how long processors have worked so far, where the system tells.
func (p *process) settle(b *testing.B, conns []net.Conn, size int) {
	p.trips(b, conns, size, 1)
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if _, rest, found := strings.Cut(string(text), ") "); found {
		var user, system time.Duration
		words := strings.Fields(rest)
		fmt.Sscan(words[11]+" "+words[12], &user, &system) // in hundredths of a second
		p.before = (user + system) * 10 * time.Millisecond
	}
}

// stop ends the server, and returns how long processors have worked for it.
func (p *process) stop() time.Duration {
	if p.cmd.ProcessState == nil {
		p.cmd.Process.Kill()
		proc.Wait(p.cmd)
	}
	return p.cmd.ProcessState.UserTime() + p.cmd.ProcessState.SystemTime() - p.before
}

// dial connects so many times. The connections are open until the benchmark ends.
func (p *process) dial(b *testing.B, times int) (conns []net.Conn) {
	for range times {
		conn, err := net.Dial(p.network, p.addr)
		if errors.Is(err, syscall.EMFILE) {
			b.Skip("this process may not have so many descriptors")
		}
		require.NoError(b, err)
		b.Cleanup(func() { conn.Close() })
		if tcp, ok := conn.(*net.TCPConn); ok {
			tcp.SetLinger(0) // or TIME_WAIT uses up the ports
		}
		conns = append(conns, conn)
	}
	return conns
}

// trips sends so many bytes on each connection and receives them back, so many
// times, on all at once, or without any in a new one each time. It returns how
// long that takes.
func (p *process) trips(b *testing.B, conns []net.Conn, size, times int) time.Duration {
	message := bytes.Repeat([]byte("x"), size)
	start := time.Now()
	if len(conns) == 0 {
		for range times {
			conn, err := net.Dial(p.network, p.addr)
			require.NoError(b, err)
			p.trips(b, []net.Conn{conn}, size, 1)
			conn.Close()
		}
	}
	var all sync.WaitGroup
	for _, conn := range conns {
		all.Go(func() {
			reply := make([]byte, size)
			for range times {
				if size > 65536 { // or both would send, and nobody receive
					go conn.Write(message)
				} else {
					conn.Write(message)
				}
				if _, err := io.ReadFull(conn, reply); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	return time.Since(start)
}

// BenchmarkIdle compares the round trips of 10 connections beside many that have
// sent a line and are silent with the same without them, and tells how much
// memory of the server's a silent one takes. (With one connection alone, what
// counts is how soon a core wakes up.)
func BenchmarkIdle(b *testing.B) {
	for _, s := range []struct{ name, command, args string }{
		{"server", "go build ./05-options/server", "-idle 1h"},
		{"eventloop", "go build ./05-options/eventloop", ""},
		{"eventloop-poll", "go build -tags poll ./05-options/eventloop", ""},
	} {
		for _, silent := range []int{1000, 8000} {
			b.Run(fmt.Sprintf("%s/%d", s.name, silent), func(b *testing.B) {
				command := append([]string{build(b, strings.Fields(s.command)...)}, strings.Fields(s.args)...)
				alone, beside := startServer(b, "tcp", command...), startServer(b, "tcp", command...)
				without, before := alone.dial(b, 10), residentMemory(beside.cmd.Process.Pid)
				beside.trips(b, beside.dial(b, silent), 64, 1)
				withThem := beside.dial(b, 10)
				beside.trips(b, withThem, 64, 1)
				memory := float64(residentMemory(beside.cmd.Process.Pid)-before) / 1024
				var with, none time.Duration
				for b.Loop() {
					none += alone.trips(b, without, 64, 10)
					with += beside.trips(b, withThem, 64, 10)
				}
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(float64(with)/float64(none), "of-none")
				if silent == 8000 { // few are lost in what the program takes anyway
					b.ReportMetric(memory/float64(silent), "KiB/conn")
				}
			})
		}
	}
}

// residentMemory is how many bytes of memory a process has, where the system
// tells.
func residentMemory(pid int) (n int) {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	_, rest, _ := strings.Cut(string(text), "VmRSS:")
	fmt.Sscan(rest, &n)
	return n << 10
}
