package play

import (
	"bytes"
	"context"
	"io"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
)

// A terminal is one program and its screen: what the program prints, on
// standard output and standard error, and what is typed.
type terminal struct {
	invocation
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	ended  context.Context // done when the program has ended and all it printed is in raw
	news   chan struct{}   // filled when there is more in raw
	waited bool            // the script saw the end
	sent   syscall.Signal  // the last signal, or 0

	mu  sync.Mutex
	raw []byte // printed, and not on the screen yet
	all int    // so many bytes were printed

	screen  string // ports as the text has them
	really  string // the same with the real ports
	read    int    // the script has read this far
	seen    int    // so many lines of it are in the order
	listens string // the port on the screen for the free one that it was asked to listen on
	asked   string // the same, until it is on the screen

	strace string // the file that strace writes, or ""
	waits  bool   // the trace shows what the program tries and waits for
}

func newTerminal() *terminal {
	return &terminal{ended: context.Background(), news: make(chan struct{}, 1), waited: true}
}

// Write takes what the program prints.
func (t *terminal) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.all += len(p); t.all < mostPrinted { // the rest is lost
		t.raw = append(t.raw, p...)
	}
	select {
	case t.news <- struct{}{}:
	default:
	}
	return len(p), nil
}

// What prints so much prints without end.
const mostPrinted = 1 << 26

// printed is the screen with the real ports, to its end.
func (t *terminal) printed() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.really + string(t.raw)
}

// last is the last line that the program has printed, without its prompt if there
// is more, and says so if the line has no end as yet and should have.
func (t *terminal) last(ends bool) string {
	really := t.printed()
	if said := strings.TrimSuffix(really, ">>: "); lastLine(said) != "nothing" {
		really = said
	}
	line := lastLine(really)
	if ends && line != "nothing" && line != ">>: " && !strings.HasSuffix(really, "\n") {
		return around(line, "") + " (no newline)"
	}
	return around(line, "")
}

// bytes returns how much the program has printed.
func (t *terminal) bytes() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.all
}

// look brings the screen up to date.
func (t *terminal) look(p *ports) string {
	ended := t.ended.Err() != nil
	t.mu.Lock()
	defer t.mu.Unlock()
	n := whole(t.raw)
	if ended {
		n = len(t.raw)
	}
	if t.cmd != nil {
		p.self = strconv.Itoa(t.cmd.Process.Pid)
	}
	shown, left := p.show(string(t.raw[:n]), t.asked)
	t.screen += shown
	t.really += string(t.raw[:n])
	t.raw, t.asked = t.raw[n:], left
	return t.screen
}

// whole returns how much of what is printed can be shown: not what may be the
// first half of an address, or of a process and its user.
func whole(raw []byte) int {
	i := bytes.LastIndex(raw, []byte("pid "))
	if i >= 0 && !bytes.Contains(raw[i:], []byte("\n")) {
		return i
	}
	return len(bytes.TrimRight(raw, "0123456789.:[]"))
}

// screenshot is the screen for a message of failure: the last lines, and not
// all of a long one.
func (t *terminal) screenshot(p *ports) string {
	lines := strings.SplitAfter(t.look(p), "\n")
	if n := len(lines); n > 30 {
		lines = append([]string{"...\n"}, lines[n-30:]...)
	}
	for i, line := range lines {
		if n := len(line); n > 200 {
			lines[i] = line[:100] + " ... " + line[n-50:]
		}
	}
	return strings.Join(lines, "")
}

// echo puts on the screen what is typed.
func (t *terminal) echo(p *ports, typed string) {
	t.screen = t.look(p) + typed
	t.really += typed
	t.read = len(t.screen)
}

// status says how the program ended, as `go run` says it. A shell may say that
// its last command died of a signal, or die of it itself. On Windows, a program
// that was sent one says nothing of it.
func (t *terminal) status() string {
	status := t.cmd.ProcessState.ExitCode()
	if (t.shell || t.yours != "") && status > 128 && status < 128+16 {
		return "signal: " + syscall.Signal(status-128).String()
	} else if runtime.GOOS == "windows" && t.sent != 0 && status == 1 {
		return "signal: " + t.sent.String()
	}
	return t.cmd.ProcessState.String()
}
