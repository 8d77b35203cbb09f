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
	"syscall"
	"time"

	"example.com/sockets/internal/proc"
	"example.com/sockets/internal/programs"
	"example.com/sockets/internal/strace"
	"example.com/sockets/internal/wire"
)

// terminal finds a terminal whose program has not been waited for.
func (s *scene) terminal(name string) *terminal {
	t := s.terminals[name]
	if t == nil || t.waited {
		s.Fatalf("no program runs in %s", name)
	}
	return t
}

// failOn ends the script for what the program in a terminal did.
func (s *scene) failOn(t *terminal, got, format string, args ...any) {
	s.now.got = got
	said := fmt.Sprintf(format, args...)
	s.Fatalf("%s; its screen:\n%s", said, t.screenshot(&s.ports))
}

func (s *scene) start(args []string) {
	s.now.want = args[0] + " starts"
	s.launch(args[0], args[1:], nil, nil)
}

// launch types a command into a terminal. What it prints comes onto the screen,
// and standard output and standard error into these two too, if they are given.
func (s *scene) launch(name string, typed []string, stdout, stderr io.Writer) {
	t := s.terminals[name]
	if t == nil {
		t = newTerminal()
		s.terminals[name] = t
	}
	if !t.waited && t.ended.Err() == nil {
		s.Fatalf("%s is busy with another program", name)
	}
	machine := s.hostOf(name)
	alone := machine != nil || strings.HasPrefix(typed[0], "nsenter")
	t.invocation, t.listens = s.invocation(strings.Join(typed, " "), alone)
	t.asked, t.sent, t.strace = t.listens, 0, ""
	argv := t.argv
	if t.yours != "" {
		s.graded = true
		typed = []string{t.typed}
	}
	if slices.Contains(s.flags, "-unprivileged") && os.Getuid() == 0 { // root may do all
		argv = append(s.powerless(), argv...)
	}
	t.waits = slices.Contains(s.flags, "-strace=waits")
	if t.waits || slices.Contains(s.flags, "-strace") {
		t.strace = s.MkAbs(name + ".strace")
		argv = append(strace.Command(t.strace), argv...)
	}
	if slices.Contains(s.flags, "-wire") {
		for host, enter := range s.machines {
			s.takePackets(host, enter)
		}
		argv = append(wire.Strace(s.MkAbs(name+".wire")), argv...)
	}
	argv = slices.Concat(machine, argv)
	t.echo(&s.ports, "$ "+strings.Join(typed, " ")+"\n")
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir = s.MkAbs(".")
	cmd.Env = append(os.Environ(), "PWD="+cmd.Dir, "LC_ALL=C", "GODEBUG=", "GOTRACEBACK=",
		"PYTHONUNBUFFERED=", "GORACE=atexit_sleep_ms=0")
	if slices.Contains(argv, "strace") { // it dies of a thread that ends while it looks at it
		cmd.Env = append(cmd.Env, "GOMAXPROCS=1")
	}
	cmd.Stdout, cmd.Stderr = t, t
	cmd.WaitDelay = 2 * s.patience // what it leaves behind may hold them open
	if stdout != nil {
		cmd.Stdout, cmd.Stderr = io.MultiWriter(t, stdout), io.MultiWriter(t, stderr)
	}
	if t.stdout != "" {
		cmd.Stdout = s.open(t.stdout, os.O_WRONLY|os.O_CREATE|os.O_TRUNC)
	}
	if t.invocation.stdin != "" {
		file := s.open(t.invocation.stdin, os.O_RDONLY)
		cmd.Stdin, t.stdin = file, file
	} else {
		stdin, err := cmd.StdinPipe()
		s.Check(err)
		t.stdin = stdin
	}
	s.Check(proc.Start(cmd))
	pid := strconv.Itoa(cmd.Process.Pid)
	s.Setenv(name+"_pid", pid)
	s.ports.peers[pid] = true
	if t.yours == "client" || slices.Contains(argv, "strace") { // it may be a child of that
		s.ports.peers[""] = true
	}
	ctx, ended := context.WithCancel(context.Background())
	t.cmd, t.waited, t.ended = cmd, false, ctx
	go func() {
		proc.Wait(cmd)
		ended()
	}()
}

// open does what a shell would do with < FILE and > FILE.
func (s *scene) open(file string, flags int) *os.File {
	f, err := os.OpenFile(s.MkAbs(file), flags, 0o666)
	s.Check(err)
	s.Defer(func() { f.Close() })
	return f
}

// powerless is the command that runs another one without root's power to use
// files that are forbidden to it.
func (s *scene) powerless() []string {
	const forbidden = `f=$(mktemp) && chmod 0 "$f" && ! cat "$f"; s=$?; rm -f "$f"; exit $s`
	setpriv := []string{"setpriv", "--bounding-set", "-dac_override,-dac_read_search"}
	if !proc.Can(append(setpriv, "sh", "-c", forbidden)...) {
		s.skip("there is no setpriv that can take root's power away")
	}
	return setpriv
}

// invocation finds what to execute for a typed command, with real ports in it,
// and the port of the screen for which it is asked to listen on any. Alone in
// its network, a program has its default address and all ports are real.
func (s *scene) invocation(typed string, alone bool) (inv invocation, asked string) {
	inv, err := s.Staging.invocation(typed, alone)
	if errors.Is(err, programs.ErrElsewhere) {
		s.skip(err.Error())
	}
	s.Check(err)
	if inv.pkg == s.tried {
		inv.yours = inv.role
	}
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
		return inv, ""
	}
	for _, t := range s.terminals {
		called := strings.Contains(strings.Join(inv.argv, " "), t.asked)
		if called && t.asked != "" && t.ended.Err() == nil {
			s.Fatalf("await the server before you call it")
		}
	}
	words := append(inv.argv, inv.typed)
	if s.Unix {
		for i, word := range words {
			words[i] = paths.Replace(word)
		}
	}
	if s.Unix || strings.Contains(inv.typed, ".sock") {
		s.needsUnix()
	}
	words, asked = s.ports.reals(words, inv.role == "server" || inv.role == "relay")
	inv.argv, inv.typed = words[:len(words)-1], words[len(words)-1]
	return inv, asked
}

// needsUnix leaves the script out if the system has no AF_UNIX.
func (s *scene) needsUnix() {
	if !hasUnix() {
		s.skip("there is no AF_UNIX")
	}
}

func (s *scene) run(args []string) {
	status, typed := args[0], args[1:]
	var stdout, stderr strings.Builder
	delete(s.terminals, status) // the last one of this name
	s.launch(status, typed, &stdout, &stderr)
	t := s.terminal(status) // its name
	s.now.did = "ran " + t.typed
	t.stdin.Close() // it may have ended, and its input with it
	cmd := t.cmd    // its terminal may have another one soon
	alarm := time.AfterFunc(s.patience, func() { proc.Signal(cmd, syscall.SIGKILL) })
	<-t.ended.Done()
	if !alarm.Stop() {
		s.now.want = t.whose(status) + " ends with status " + status
		s.failOn(t, "it runs", "%s does not end", typed)
	}
	shown, left := s.ports.show(stdout.String(), t.asked)
	io.WriteString(s.Stdout(), shown)
	shown, t.asked = s.ports.show(stderr.String(), left)
	io.WriteString(s.Stderr(), shown)
	s.stdout, s.stderr = stdout.String(), stderr.String()
	s.exit([]string{status, status})
}

func (s *scene) await(args []string) {
	name, pattern := args[0], args[1]
	t := s.terminal(name)
	s.now.want = t.whose(name) + " prints " + s.read(pattern)
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
			got := fmt.Sprintf("%s ended (%s)", t.whose(name), t.status())
			if t.yours == "" {
				got += ": " + t.last(false)
			}
			s.failOn(t, got, "%s ended (%v) without %q", name, t.cmd.ProcessState, pattern)
		}
		select {
		case <-t.news:
		case <-t.ended.Done():
		case <-late:
			got := "nothing"
			if unread != "" || t.printed() != t.really { // or all was typed
				got = t.last(strings.HasSuffix(pattern, `\n`))
			}
			s.failOn(t, got, "%s does not print %q", name, pattern)
		}
	}
}

// lastLine is the last line that a program has printed, below what was typed to
// start it.
func lastLine(screen string) string {
	lines := strings.Split(strings.TrimRight(screen, "\n"), "\n")
	last := lines[len(lines)-1]
	if strings.HasPrefix(strings.TrimPrefix(last, "^C"), "$ ") {
		return "nothing"
	}
	return last
}

func (s *scene) typeLine(args []string) {
	name, line := args[0], args[1]
	s.now.did = fmt.Sprintf("typed %q to %s", line, name)
	s.now.want = name + " reads what is typed"
	t := s.terminal(name)
	t.echo(&s.ports, line+"\n")
	_, err := io.WriteString(t.stdin, line+"\n")
	s.Check(err)
}

func (s *scene) eof(args []string) {
	s.now.did = "ended the input of " + args[0]
	err := s.terminal(args[0]).stdin.Close()
	if !errors.Is(err, os.ErrClosed) { // if it has ended, that is closed
		s.Check(err)
	}
	s.exit(args)
}

func (s *scene) signal(args []string) {
	name, sent := args[0], args[1]
	s.now.did = "sent SIG" + sent + " to " + name
	s.now.want = name + " goes on"
	t := s.terminal(name)
	if sent == "INT" {
		s.now.did = "pressed Ctrl-C in " + name
		t.echo(&s.ports, "^C")
	}
	var known bool
	if t.sent, known = proc.Signals[sent]; !known {
		s.Fatalf("there is no signal %s", sent)
	}
	if proc.Signal(t.cmd, t.sent) != nil {
		s.failOn(t, name+" had ended", "%s ended before the signal", name)
	}
}

func (s *scene) interrupt(args []string) {
	name, status, sent := args[0], args[1:], "INT"
	if len(status) > 0 && strings.HasPrefix(status[0], "-") {
		sent, status = status[0][1:], status[1:]
	}
	if runtime.GOOS == "windows" && len(status) > 0 {
		s.skip("on Windows, a test can send no Ctrl-C, only end a program")
	}
	s.signal([]string{name, sent})
	if t := s.terminals[name]; len(status) == 0 {
		status = []string{"0", "signal: interrupt", "signal: " + t.sent.String()}
		if t.yours != "" {
			status = append(status, "1") // some languages end so
		}
	}
	s.exit(append([]string{name}, status...))
}

func (s *scene) exit(args []string) {
	name, want := args[0], args[1:]
	if len(want) == 0 {
		want = []string{"0"}
	}
	t := s.terminal(name)
	s.now.want = t.whose(name) + " ends"
	select {
	case <-t.ended.Done():
	case <-time.After(s.patience):
		s.failOn(t, "it runs", "%s does not end", name)
	}
	t.look(&s.ports)
	t.waited, t.asked = true, ""
	ended, words := t.status(), ""
	if t.yours == "" {
		words = ": " + t.last(false)
	}
	if before, _, died := strings.Cut(t.screen, "strace: walk: "); died && t.strace != "" {
		// At the very end of a program, strace may look for a thread that is gone.
		t.screen, want = before, []string{"0", "1"}
	} else if piped := strings.Contains(strings.Join(t.cmd.Args, " "), "2>&1 |"); t.role != "" &&
		ended != "exit status 0" && !piped { // go run says so
		t.screen += ended + "\n"
		t.really += ended + "\n"
	}
	if got := strings.TrimPrefix(ended, "exit status "); !slices.Contains(want, got) {
		s.now.want = t.whose(name) + " ends with status " + strings.Join(want, " or ")
		s.failOn(t, "status "+got+words, "exit status %s, want %s", got, strings.Join(want, " or "))
	}
	t.read = len(t.screen)
	screen := t.screen
	if want, _ := os.ReadFile(s.MkAbs(name + ".want")); t.yours != "" {
		screen = unasked.ReplaceAllString(screen, "")
		asked := strings.TrimSuffix(unasked.ReplaceAllString(string(want), ""), "\n") + "\n"
		s.Check(os.WriteFile(s.MkAbs(name+".want"), []byte(asked), 0o666))
	}
	if t.strace != "" {
		s.writeTrace(name, t)
	}
	screen = strings.TrimSuffix(screen, "\n") + "\n"
	s.Check(os.WriteFile(s.MkAbs(name), []byte(screen), 0o666))
}

// What a screen shows that no script asks of the reader's program.
var unasked = regexp.MustCompile(`(?s)\^C.*?(?:\n?\$ [^\n]*|\z)|(?m:^)\$ [^\n]*`)

func (s *scene) until(args []string) {
	name := args[0]
	if args[1] != "idle" {
		s.Fatalf("until %s waits for idle alone", name)
	}
	s.now.want = name + " waits, and uses no processor time"
	t := s.terminal(name)
	processes := t.processes()
	rests, most, before := 0, time.Duration(0), time.Duration(0)
	s.wait(func() bool {
		used, works := work(processes)
		if before == 0 {
			most = used + s.patience/8
		} else if used > most && s.patience < time.Minute { // an eighth of the time: it spins
			s.Fatalf("%s is not idle", name)
		}
		rests++
		if works || used-before > time.Millisecond/2 { // more than to look at the time
			rests = 0
		}
		before = used
		if rests < 8 {
			return false
		}
		was := len(processes)
		processes, rests, before = t.processes(), 0, 0
		return len(processes) == was // or it was starting one
	}, "%s is not idle", name)
}

// processes are the folders in /proc of what runs in a terminal.
func (t *terminal) processes() []string {
	processes, _ := filepath.Glob("/proc/[0-9]*")
	return slices.DeleteFunc(processes, func(folder string) bool {
		pid, _ := strconv.Atoi(filepath.Base(folder))
		return !proc.InGroup(t.cmd, pid)
	})
}

// work returns how long processes have run, with all their threads, and whether
// one of these runs now.
func work(processes []string) (used time.Duration, works bool) {
	for _, process := range processes {
		threads, _ := filepath.Glob(process + "/task/*") // there may be new ones
		for _, thread := range threads {
			state, ran := stat(thread)
			used += ran
			works = works || state == 'R' || state == 'D' // it waits for the disk
		}
	}
	return used, works
}

// stat is what /proc tells of a thread: its state, and how long it has run.
func stat(folder string) (state byte, ran time.Duration) {
	text, _ := os.ReadFile(folder + "/stat")
	if _, after, found := bytes.Cut(text, []byte(") ")); found {
		state = after[0]
	}
	text, _ = os.ReadFile(folder + "/schedstat")
	fmt.Sscan(string(text), (*int64)(&ran))
	return state, ran
}
