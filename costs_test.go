package sockets

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/sockets/internal/play"
	"example.com/sockets/internal/proc"
)

// BenchmarkIdle measures how long processors work in a server of chapter 5 for a
// message of 10 busy connections, beside others that have sent a line and are
// silent, and how much of its memory a silent one takes.
func BenchmarkIdle(b *testing.B) {
	if runtime.GOOS != "linux" {
		b.Skip("only Linux tells how long a program has worked")
	}
	c := filepath.Join(b.TempDir(), "epoll")
	exec.Command("cc", "-O2", "-o", c, "testdata/c/epoll.c").Run() // if there is one
	const run = "go run -gcflags= ./05-options/"                   // fast, not for a trace
	for _, s := range []struct{ name, command string }{
		{"server", run + "server -idle 1h"},
		{"eventloop", run + "eventloop"},
		{"poll", strings.Replace(run, "run", "run -tags=poll", 1) + "eventloop"},
		{"C", c},
		{"Python", "python3 testdata/python/05-options/eventloop.py"},
	} {
		if _, err := exec.LookPath(strings.Fields(s.command)[0]); err != nil {
			b.Logf("%s: %v", s.name, err)
			continue
		}
		for _, silent := range []int{0, 1000, 8000} {
			b.Run(fmt.Sprint(s.name, "/", silent), func(b *testing.B) {
				server := startServer(b, s.command)
				before := server.memory()
				trips(b, server.dial(b, silent))
				memory := server.memory() - before
				busy := server.dial(b, 10)
				trips(b, busy)
				worked := server.worked()
				for b.Loop() {
					trips(b, busy)
				}
				took := float64((server.worked() - worked).Microseconds())
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(took/float64(b.N*10), "processor-us/message")
				if silent == 8000 { // few are lost in what the program takes anyway
					b.ReportMetric(float64(memory)/1024/float64(silent), "KiB/conn")
				}
			})
		}
	}
}

// A process is a server that a test has started.
type process struct {
	addr string
	cmd  *exec.Cmd
}

// startServer starts a server, which runs until the test ends. Nobody looks at
// its screen but for where it listens.
func startServer(t testing.TB, command string) *process {
	argv, _, err := play.Resolve(command)
	require.NoError(t, err)
	p := &process{cmd: exec.Command(argv[0], append(argv[1:], "-addr", "127.0.0.1:0")...)}
	screen, err := p.cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, proc.Start(p.cmd))
	t.Cleanup(func() {
		p.cmd.Process.Kill()
		proc.Wait(p.cmd)
	})
	lines := bufio.NewReader(screen)
	line, err := lines.ReadString('\n')
	require.NoError(t, err, "%s does not listen", command)
	p.addr = strings.TrimPrefix(strings.TrimSpace(line), "listening on ")
	go io.Copy(io.Discard, lines)
	return p
}

// worked is how long processors have worked for the process, in all.
func (p *process) worked() time.Duration {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	_, rest, _ := strings.Cut(string(text), ") ")
	var user, system time.Duration
	fmt.Sscan(strings.Join(strings.Fields(rest)[11:13], " "), &user, &system)
	return (user + system) * 10 * time.Millisecond // it counts hundredths of a second
}

// memory is how many bytes of memory the process has, where the system tells.
func (p *process) memory() (n int) {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	_, rest, _ := strings.Cut(string(text), "VmRSS:")
	fmt.Sscan(rest, &n)
	return n << 10
}

// descriptors is how many descriptors the process has, where the system tells.
func (p *process) descriptors() int {
	open, _ := os.ReadDir(fmt.Sprintf("/proc/%d/fd", p.cmd.Process.Pid))
	return len(open)
}

// dial connects so many times. The connections are open until the benchmark ends.
func (p *process) dial(b *testing.B, times int) (conns []net.Conn) {
	for range times {
		conn, err := net.Dial("tcp", p.addr)
		require.NoError(b, err)
		b.Cleanup(func() { conn.Close() })
		conn.(*net.TCPConn).SetLinger(0) // or TIME_WAIT uses up the ports
		conns = append(conns, conn)
	}
	return conns
}

// trips sends a message on each connection and receives the answer, on all at once.
func trips(b *testing.B, conns []net.Conn) {
	var all sync.WaitGroup
	for _, conn := range conns {
		all.Go(func() { trip(b, conn, 64) })
	}
	all.Wait()
}

// trip sends a message of so many bytes, and receives the answer.
func trip(t testing.TB, conn net.Conn, size int) {
	message := bytes.Repeat([]byte{byte('a' + rand.IntN(26))}, size)
	go conn.Write(message)
	answer := make([]byte, size)
	_, err := io.ReadFull(conn, answer)
	assert.NoError(t, err)
	assert.True(t, bytes.Equal(answer, bytes.ToUpper(message)), "a trip of %d bytes", size)
}
