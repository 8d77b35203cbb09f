// Package play plays the scripts of this repository: it starts the programs in
// terminals, is itself the other end of their connections, and compares what is
// printed.
package play

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"os/exec"
	ossignal "os/signal"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// Main is TestMain: it runs the tests, says in a line how many scripts were
// played and what was skipped, and exits. A -run that finds nothing to play
// fails.
func Main(m *testing.M) {
	if os.Getenv(watching) != "" {
		watch()
		return
	}
	flag.Parse()
	pattern := flag.Lookup("test.run").Value.String()
	if m := oneScript.FindStringSubmatch(pattern); m != nil && *Yours["server"]+*Yours["client"] == "" {
		flag.Set("test.run", m[1]+"/scripts/.*/"+m[2]) // whoever plays it
	}
	// The scripts wait for one another's programs more than they compute; a program
	// of the reader's may compute more.
	parallel := max(1, min(24, descriptors()/32))
	if *Yours["server"]+*Yours["client"] != "" {
		parallel = 6
	}
	flag.Set("test.parallel", strconv.Itoa(parallel))
	if ossignal.Ignored(os.Interrupt) { // in the background of a script; our programs would ignore it too
		ossignal.Notify(make(chan os.Signal, 1), os.Interrupt)
	}
	if temp, err := filepath.Abs(os.TempDir()); err == nil {
		os.Setenv("TMPDIR", temp) // programs run in other folders
	}
	if temp := cmp.Or(os.Getenv("GOTMPDIR"), os.TempDir()); len(temp) > 30 && runtime.GOOS != "windows" {
		os.Setenv("GOTMPDIR", "/tmp") // the path of a socket has to be short
	}
	if err := loopback("127.0.0.1:0"); err != nil {
		fmt.Printf("nothing can be played, for this machine cannot reach itself: %v\n", err)
		os.Exit(1)
	}
	status := m.Run()
	os.RemoveAll(temporary)
	switch {
	case int(played.n.Load())+len(played.skipped) > 0:
		fmt.Println(played.String())
	case played.wrong.Load() > 0:
		fmt.Printf("%d scripts failed with wrong programs, as they have to\n", played.wrong.Load())
	case status == 0 && played.graded.Load() == 0 && flag.Lookup("test.bench").Value.String()+flag.Lookup("test.list").Value.String() == "" && selectsNothing(pattern):
		fmt.Printf("-run '%s' plays nothing: chapter 1 is -run 01, a script of it -run 01/01-phone\n", pattern)
		status = 1
	}
	os.Exit(status)
}

// A -run that names a script of a chapter, as in 01/01-phone.
var oneScript = regexp.MustCompile(`^((?:Test)?\d\d[^/]*)/(\d\d-[^/]*)$`)

// loopback fails if a program cannot connect to one on the same machine that
// listens on this address.
func loopback(addr string) error {
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	defer ln.Close()
	conn, err := net.DialTimeout("tcp", ln.Addr().String(), time.Minute)
	if err == nil {
		conn.Close()
	}
	return err
}

// selectsNothing reports whether a pattern of -run names no test, or no script
// where it should.
func selectsNothing(pattern string) bool {
	test, script, _ := strings.Cut(strings.ReplaceAll(pattern, " ", "_"), "/")
	names := Tests(test)
	return names == "" || script != "" && scriptsRE.MatchString(names) && !strings.Contains(script, "text")
}

var scriptsRE = regexp.MustCompile(`(?m)^Test(\d|Exercises)`)

// Tests returns the names of the tests and benchmarks that a pattern matches, a
// line each.
func Tests(pattern string) string {
	names, _ := exec.Command(os.Args[0], "-test.list", "(?:"+pattern+")").Output() // not "": it would run all
	return string(names)
}

// A tally counts what was played and what was left out, and why.
type tally struct {
	n, wrong, graded atomic.Int64 // scripts that had to pass, to fail, or to say how they went
	mu               sync.Mutex
	skipped          map[string]int
}

var played = tally{skipped: map[string]int{}}

func (t *tally) String() string {
	said := fmt.Sprintf("%d scripts played", t.n.Load())
	reasons := slices.Sorted(maps.Keys(t.skipped))
	for i, why := range reasons {
		reasons[i] = fmt.Sprintf("%s (%d)", why, t.skipped[why])
	}
	if len(reasons) > 0 {
		said += "; skipped, whole or in part: " + strings.Join(reasons, ", ")
	}
	return said
}

// A counted is a testing.T for testscript that counts.
type counted struct{ *testing.T }

func (c counted) Run(name string, f func(testscript.T)) {
	c.T.Run(name, func(t *testing.T) {
		played.n.Add(1)
		f(counted{t})
	})
}

func (c counted) Skip(args ...any) {
	played.n.Add(-1)
	Skip(c.T, strings.TrimSpace(fmt.Sprint(args...)))
}

func (c counted) Verbose() bool { return testing.Verbose() }

// Skip leaves a test out, and counts it.
func Skip(t *testing.T, why string) {
	played.mu.Lock()
	played.skipped[why]++
	played.mu.Unlock()
	t.Skip(why)
}

// Play plays scripts as subtests of t.
func Play(t *testing.T, how Staging, scripts ...string) {
	testscript.RunT(counted{t}, params(how, scripts...))
}

// watching is the variable that makes of this program the watchdog.
const watching = "SOCKETS_WATCHDOG"

// watch kills the programs that are left when the test ends, however it ends:
// it reads +PID and -PID until then.
func watch() {
	ossignal.Ignore(os.Interrupt)
	left, pid := map[int]bool{}, 0
	for n := 1; n == 1; n, _ = fmt.Scan(&pid) {
		left[max(pid, -pid)] = pid > 0
	}
	for pid, running := range left {
		if process, err := os.FindProcess(pid); running && err == nil {
			signal(process, syscall.SIGKILL)
		}
	}
}

var watchdog = sync.OnceValue(func() io.Writer {
	self, _ := os.Executable()
	cmd := exec.Command(cmp.Or(self, os.Args[0]))
	cmd.Env = append(os.Environ(), watching+"=1")
	stdin, err := cmd.StdinPipe() // open until the test ends
	group(cmd)
	if err := errors.Join(err, cmd.Start()); err != nil {
		panic(err)
	}
	return stdin
})

// Start starts a program in a group of its own, and sees to it that it does not
// outlive the test. Wait has to follow. It fails as cmd.Start does.
func Start(cmd *exec.Cmd) error {
	group(cmd)
	err := cmd.Start()
	if err == nil {
		fmt.Fprintf(watchdog(), "+%d\n", cmd.Process.Pid)
	}
	return err
}

// Wait waits for a program that Start started. It fails as cmd.Wait does.
func Wait(cmd *exec.Cmd) error {
	err := cmd.Wait()
	fmt.Fprintf(watchdog(), "-%d\n", cmd.Process.Pid)
	return err
}

// Interrupt sends what Ctrl-C sends, to a program that Start started. It fails
// if that has ended.
func Interrupt(cmd *exec.Cmd) error { return signal(cmd.Process, syscall.SIGINT) }
