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
	return dial(b, network, startServer(b, "./"+stage+"/server", "-addr", addr).addr, 1)[0]
}

// A process is a server that a benchmark has started.
type process struct {
	addr string
	cmd  *exec.Cmd
}

// startServer starts a server, a package of ours or a program, which runs until
// the benchmark ends, or stop is called.
func startServer(b testing.TB, command ...string) process {
	program, args := command[0], command[1:]
	if strings.Contains(program, "./") {
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
	return process{strings.TrimSpace(strings.TrimPrefix(listening, "listening on ")), server}
}

// stop ends the server, and returns how long processors have worked for it.
func (p process) stop() time.Duration {
	p.cmd.Process.Kill()
	p.cmd.Wait()
	return p.cmd.ProcessState.UserTime() + p.cmd.ProcessState.SystemTime()
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
	{"eventloop-poll", []string{"-tags poll ./05-options/eventloop"}},
}

// BenchmarkIdle compares the round trips of 10 connections beside many that have
// sent a line and are silent with the same without them, and tells how much
// memory of the server's a silent one takes. (With one connection alone, what
// counts is how soon a core wakes up.)
func BenchmarkIdle(b *testing.B) {
	for _, s := range servers {
		for _, silent := range []int{1000, 8000} {
			b.Run(fmt.Sprintf("%s/%d", s.name, silent), func(b *testing.B) {
				alone, beside := startServer(b, s.command...), startServer(b, s.command...)
				before := residentMemory(beside.cmd.Process.Pid)
				for range silent {
					conn, err := net.Dial("tcp", beside.addr)
					if errors.Is(err, syscall.EMFILE) {
						b.Skip("this process may not have so many descriptors")
					}
					require.NoError(b, err)
					conn.(*net.TCPConn).SetLinger(0)
					b.Cleanup(func() { conn.Close() })
					trips(b, []net.Conn{conn}, 1)
				}
				withThem, without := dial(b, "tcp", beside.addr, 10), dial(b, "tcp", alone.addr, 10)
				trips(b, withThem, 1)
				memory := float64(residentMemory(beside.cmd.Process.Pid)-before) / 1024
				var with, none time.Duration
				for b.Loop() {
					none += trips(b, without, 10)
					with += trips(b, withThem, 10)
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

// BenchmarkTogether compares a server that has 100 connections busy at once with
// one in C, which is one thread with epoll: how many messages it answers, and how
// long processors work for a message in the server's own process. The clients
// are in C too, for they shall take little of the two's time. The servers take
// turns, so what disturbs one disturbs both.
func BenchmarkTogether(b *testing.B) {
	if _, err := exec.LookPath("gcc"); err != nil {
		b.Skip("there is no gcc to compile testdata/c")
	}
	folder := b.TempDir()
	for _, name := range []string{"epoll", "callers"} {
		out, err := exec.Command("gcc", "-O2", "-o", folder+"/"+name, "testdata/c/"+name+".c").CombinedOutput()
		require.NoError(b, err, "%s", out)
	}
	for _, s := range servers {
		b.Run(s.name, func(b *testing.B) {
			inC, other := startServer(b, folder+"/epoll"), startServer(b, s.command...)
			busyC, busyOther := callers(b, folder+"/callers", inC.addr), callers(b, folder+"/callers", other.addr)
			var ofC, ofOther float64
			for b.Loop() {
				ofC += busyC(100)
				ofOther += busyOther(100)
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(ofC/ofOther, "messages-of-C")
			b.ReportMetric(float64(other.stop())/float64(inC.stop()), "processor-of-C")
		})
	}
}

// callers starts the client in C with 100 connections, and returns how to make
// each of them send and receive so many messages: it returns how many seconds
// that takes.
func callers(b *testing.B, program, addr string) func(times int) float64 {
	_, port, err := net.SplitHostPort(addr)
	require.NoError(b, err)
	client := exec.Command(program, port, "100")
	stdin, err := client.StdinPipe()
	require.NoError(b, err)
	stdout, err := client.StdoutPipe()
	require.NoError(b, err)
	require.NoError(b, client.Start())
	b.Cleanup(func() { client.Process.Kill(); client.Wait() })
	return func(times int) (seconds float64) {
		_, err := fmt.Fprintln(stdin, times)
		require.NoError(b, err)
		_, err = fmt.Fscan(stdout, &seconds)
		require.NoError(b, err)
		return seconds
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
