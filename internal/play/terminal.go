package play

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"example.com/sockets/internal/wire"
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

	screen string // ports as the reader sees them
	read   int    // await has read this far
	asked  string // the port on the screen for the free one that it listens on

	strace  string // the file that strace writes, or ""
	waits   bool   // the trace shows what the program tries and waits for
	listens string // asked, as it was at first
}

// Write takes what the program prints.
func (t *terminal) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.raw = append(t.raw, p...)
	select {
	case t.news <- struct{}{}:
	default:
	}
	return len(p), nil
}

// look brings the screen up to date. What may be the first half of an
// address, or of a process and its user, is left for later, unless the program
// has ended.
func (t *terminal) look(p *ports) string {
	ended := t.ended.Err() != nil
	t.mu.Lock()
	defer t.mu.Unlock()
	n := len(strings.TrimRight(string(t.raw), "0123456789.:[]"))
	if i := bytes.LastIndex(t.raw, []byte("pid ")); i >= 0 && !bytes.Contains(t.raw[i:], []byte("\n")) {
		n = i
	}
	if ended {
		n = len(t.raw)
	}
	t.screen += p.show(string(t.raw[:n]), &t.asked)
	t.raw = t.raw[n:]
	return t.screen
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
	t.read = len(t.screen)
}

// start types a command into a terminal. What it prints comes onto the screen,
// and standard output and standard error into these two, if they are given.
func (s *scene) start(name string, typed []string, apart ...io.Writer) {
	t := s.terminals[name]
	if t == nil {
		t = &terminal{ended: context.Background(), news: make(chan struct{}, 1), waited: true}
		s.terminals[name] = t
	}
	if !t.waited && t.ended.Err() == nil {
		s.Fatalf("%s is busy with another program", name)
	}
	machine := s.hostOf(name)
	t.invocation = s.invocation(strings.Join(typed, " "), machine != nil || strings.HasPrefix(typed[0], "nsenter"), &t.asked)
	t.listens, t.sent, t.strace = t.asked, 0, ""
	argv := t.argv
	if t.yours != "" {
		typed = []string{t.typed}
	}
	if slices.Contains(s.flags, "-unprivileged") && os.Getuid() == 0 { // root may do all, unless it is taken away
		setpriv := []string{"setpriv", "--bounding-set", "-dac_override,-dac_read_search"}
		if !can(append(setpriv, "sh", "-c", `f=$(mktemp) && chmod 0 "$f" && ! cat "$f"; s=$?; rm -f "$f"; exit $s`)...) {
			s.skip("there is no setpriv that can take root's power away")
		}
		argv = append(setpriv, argv...)
	}
	if t.waits = slices.Contains(s.flags, "-strace=waits"); t.waits || slices.Contains(s.flags, "-strace") {
		t.strace = s.MkAbs(name + ".strace")
		if strconv.IntSize == 32 {
			s.skip("strace shows no stack of a program of 32 bits")
		}
		argv = append([]string{"strace", "-f", "-k", "-e", "trace=network,read,write,close,umask,flock,fcntl,/^epoll,/^(open|unlink|f?chmod)(at)?$", "-o", t.strace}, argv...)
	}
	if slices.Contains(s.flags, "-wire") {
		for name, h := range s.machines {
			s.takePackets(name, h)
		}
		argv = append(wire.Strace(s.MkAbs(name+".wire")), argv...)
	}
	argv = slices.Concat(machine, argv)
	t.echo(&s.ports, "$ "+strings.Join(typed, " ")+"\n")
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir = s.MkAbs(".")
	cmd.Env = append(os.Environ(), "PWD="+cmd.Dir, "LC_ALL=C", "GODEBUG=", "GOTRACEBACK=", "PYTHONUNBUFFERED=", "GORACE=atexit_sleep_ms=0")
	if slices.Contains(argv, "strace") {
		cmd.Env = append(cmd.Env, "GOMAXPROCS=1") // strace dies of a thread that ends while it looks at it
	}
	cmd.Stdout, cmd.Stderr = t, t
	if len(apart) > 0 {
		cmd.Stdout, cmd.Stderr = io.MultiWriter(t, apart[0]), io.MultiWriter(t, apart[1])
	}
	// What a shell would do with < FILE and > FILE.
	open := func(file string, flags int) *os.File {
		f, err := os.OpenFile(s.MkAbs(file), flags, 0o666)
		s.Check(err)
		s.Defer(func() { f.Close() })
		return f
	}
	if t.stdout != "" {
		cmd.Stdout = open(t.stdout, os.O_WRONLY|os.O_CREATE|os.O_TRUNC)
	}
	if t.invocation.stdin != "" {
		file := open(t.invocation.stdin, os.O_RDONLY)
		cmd.Stdin, t.stdin = file, file
	} else {
		stdin, err := cmd.StdinPipe()
		s.Check(err)
		t.stdin = stdin
	}
	s.Check(Start(cmd))
	s.Setenv(name+"_pid", strconv.Itoa(cmd.Process.Pid))
	ctx, ended := context.WithCancel(context.Background())
	t.cmd, t.waited, t.ended = cmd, false, ctx
	go func() {
		Wait(cmd)
		ended()
	}()
}

// invocation finds what to execute for a typed command, with real ports in it.
// A port to listen on that is not known yet becomes 0, and is left in asked. Alone
// in its network, a program has its default address and all ports are real.
func (s *scene) invocation(typed string, alone bool, asked *string) invocation {
	inv, err := s.Cast.invocation(typed, alone)
	if errors.Is(err, errElsewhere) {
		s.skip(err.Error())
	}
	s.Check(err)
	if inv.shell && !hasShell() {
		s.skip("there is no sh")
	}
	if alone {
		for _, m := range portRE.FindAllStringSubmatch(typed+" 8080", -1) {
			s.ports.know(m[1], m[1])
		}
		for i, word := range inv.argv {
			inv.argv[i] = s.ports.realHolder(word)
		}
		return inv
	}
	for _, t := range s.terminals {
		if t.asked != "" && t.ended.Err() == nil && strings.Contains(strings.Join(inv.argv, " "), t.asked) {
			s.Fatalf("await the server before you call it")
		}
	}
	words := append(inv.argv, inv.typed)
	for i, word := range words {
		if s.Unix {
			word = paths.Replace(word)
		}
		words[i] = s.ports.real(word, inv.role == "server" || inv.role == "relay", asked)
	}
	inv.argv, inv.typed = words[:len(words)-1], words[len(words)-1]
	return inv
}

func (s *scene) signal(name, sent string) {
	t := s.terminal(name)
	if sent == "INT" {
		t.echo(&s.ports, "^C")
	}
	t.sent = signals[sent]
	if signal(t.cmd.Process, t.sent) != nil {
		s.Fatalf("%s ended before the signal; its screen:\n%s", name, t.screenshot(&s.ports))
	}
}

// terminal finds a terminal whose program has not been waited for.
func (s *scene) terminal(name string) *terminal {
	t := s.terminals[name]
	if t == nil || t.waited {
		s.Fatalf("no program runs in %s", name)
	}
	return t
}

func (s *scene) await(name, pattern string) {
	t := s.terminal(name)
	re, err := regexp.Compile(pattern)
	s.Check(err)
	late := time.After(s.patience)
	for {
		ended := t.ended.Err() != nil
		unread := t.look(&s.ports)[t.read:]
		if m := re.FindStringIndex(unread); m != nil {
			t.read += m[1]
			return
		}
		if ended {
			s.Fatalf("%s ended (%v) without %q; its screen:\n%s", name, t.cmd.ProcessState, pattern, t.screenshot(&s.ports))
		}
		select {
		case <-t.news:
		case <-t.ended.Done():
		case <-late:
			s.Fatalf("%s does not print %q; its screen:\n%s", name, pattern, t.screenshot(&s.ports))
		}
	}
}

func (s *scene) typeLine(name, line string) {
	t := s.terminal(name)
	t.echo(&s.ports, line+"\n")
	_, err := io.WriteString(t.stdin, line+"\n")
	s.Check(err)
}

func (s *scene) eof(name string, status ...string) {
	s.Check(s.terminal(name).stdin.Close())
	s.exit(name, status...)
}

func (s *scene) interrupt(name string, status ...string) {
	sent := "INT"
	if len(status) > 0 && strings.HasPrefix(status[0], "-") {
		sent, status = status[0][1:], status[1:]
	}
	if runtime.GOOS == "windows" && len(status) > 0 {
		s.skip("on Windows, a test can send no Ctrl-C, only end a program")
	}
	s.signal(name, sent)
	if t := s.terminals[name]; len(status) == 0 {
		status = []string{"0", "signal: interrupt", "signal: " + t.sent.String()}
		if t.yours != "" {
			status = append(status, "1") // some languages end so
		}
	}
	s.exit(name, status...)
}

func (s *scene) exit(name string, status ...string) {
	t := s.terminal(name)
	select {
	case <-t.ended.Done():
	case <-time.After(s.patience):
		s.Fatalf("%s does not end; its screen:\n%s", name, t.screenshot(&s.ports))
	}
	if len(status) == 0 {
		status = []string{"0"}
	}
	t.look(&s.ports)
	t.waited, t.asked = true, ""
	ended := t.status()
	if before, _, died := strings.Cut(t.screen, "strace: walk: "); died && t.strace != "" {
		// At the very end of a program, strace may look for a thread that is gone.
		t.screen, status = before, []string{"0", "1"}
	} else if t.role != "" && ended != "exit status 0" { // go run says so
		t.screen += ended + "\n"
	}
	if got := strings.TrimPrefix(ended, "exit status "); !slices.Contains(status, got) {
		s.Fatalf("exit status %s, want %s; the screen:\n%s", got, strings.Join(status, " or "), t.screenshot(&s.ports))
	}
	screen := t.screen
	if want, _ := os.ReadFile(s.MkAbs(name + ".want")); t.yours != "" {
		screen = unasked.ReplaceAllString(screen, "")
		os.WriteFile(s.MkAbs(name+".want"), unasked.ReplaceAll(want, nil), 0o666)
	}
	if t.strace != "" {
		s.writeTrace(name, t)
	}
	s.Check(os.WriteFile(s.MkAbs(name), []byte(strings.TrimSuffix(screen, "\n")+"\n"), 0o666))
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

func (s *scene) run(status string, typed ...string) {
	var stdout, stderr strings.Builder
	name := status // as in the word: run STATUS COMMAND
	s.start(name, typed, &stdout, &stderr)
	t := s.terminal(name)
	t.stdin.Close() // it may have ended, and its input with it
	process := t.cmd.Process
	alarm := time.AfterFunc(s.patience, func() { signal(process, syscall.SIGKILL) })
	<-t.ended.Done()
	alarm.Stop()
	io.WriteString(s.Stdout(), s.ports.show(stdout.String(), &t.asked))
	io.WriteString(s.Stderr(), s.ports.show(stderr.String(), &t.asked))
	s.exit(name, status)
}

func (s *scene) until(name, what string) {
	if what != "idle" {
		s.Fatalf("until %s waits for idle alone", name)
	}
	group := strconv.Itoa(s.terminal(name).cmd.Process.Pid)
	programs, _ := filepath.Glob("/proc/[0-9]*")
	programs = slices.DeleteFunc(programs, func(folder string) bool {
		_, of, _ := processStat(folder)
		return of != group
	})
	rests, most, before := 0, 0, 0
	s.wait(func() bool {
		rests++
		used := 0
		for _, program := range programs {
			threads, _ := filepath.Glob(program + "/task/*") // there may be new ones
			for _, thread := range threads {
				state, _, ran := processStat(thread)
				if used += ran; state == "R" {
					rests = 0
				}
			}
		}
		if before == 0 {
			most = used + int(s.patience/8)
		} else if used > most && s.patience < time.Minute { // an eighth of the time: it spins
			s.Fatalf("%s is not idle", name)
		}
		if used-before > 500_000 { // half a millisecond: more than to look at the time
			rests = 0
		}
		before = used
		return rests == 8
	}, "%s is not idle", name)
}

// processStat reads what /proc tells of a process or a thread: its state, its
// group, and how many nanoseconds it ran. All are zero if there is none.
func processStat(folder string) (state, group string, ran int) {
	text, _ := os.ReadFile(folder + "/stat")
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(fields) < 3 {
		return "", "", 0
	}
	text, _ = os.ReadFile(folder + "/schedstat")
	fmt.Sscan(string(text), &ran)
	return fields[0], fields[2], ran
}
