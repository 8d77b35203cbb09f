// Package play plays the scripts of this repository: it starts the programs in
// terminals, is itself the other end of their connections, and compares what is
// printed.
package play

import (
	"cmp"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.com/sockets/internal/proc"
)

// Main is TestMain: it runs the tests, says in a line how many scripts were
// played and what was skipped, and exits. A -run that finds nothing to play
// fails.
func Main(m *testing.M) {
	proc.Watch()
	flag.Parse()
	if *classFile != "" {
		os.Exit(gradeClass(*classFile))
	}
	// The scripts wait for one another's programs more than they compute.
	flag.Set("test.parallel", strconv.Itoa(max(1, min(24, proc.Descriptors()/32))))
	flag.Visit(func(f *flag.Flag) {
		if yours[f.Name] != nil && strings.TrimSpace(f.Value.String()) == "" {
			fmt.Printf("-%s needs a command, such as 'python3 mine.py'\n", f.Name)
			os.Exit(2)
		}
	})
	var err error
	temp := cmp.Or(os.Getenv("GOTMPDIR"), os.TempDir())
	if len(temp) > 20 && runtime.GOOS != "windows" {
		temp = "/tmp" // the path of a socket has to be short
	}
	proc.Folder, err = os.MkdirTemp(temp, "sockets")
	if err != nil {
		fmt.Println(err)
		os.Exit(2)
	}
	for _, name := range []string{"GOTMPDIR", "TMPDIR"} { // also of what it starts
		os.Setenv(name, proc.Folder)
	}
	stopped := make(chan os.Signal, 1)
	// Also in a shell's background, where our programs would ignore it.
	signal.Notify(stopped, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-stopped
		fmt.Println("\nstopped: " + soFar())
		proc.End()
		os.Exit(1)
	}()
	status := m.Run()
	pattern := flag.Lookup("test.run").Value.String()
	if said := played.String(); said != "" {
		fmt.Println(said)
	} else if status == 0 && played.exam == 0 && ofScripts.MatchString(pattern) {
		const help = "-run '%s' plays nothing: -run 01 is chapter 1, " +
			"-run 01/01-phone a script of it\n"
		fmt.Printf(help, pattern)
		status = 1
	}
	proc.End()
	os.Exit(status)
}

// A pattern of -run that has to find scripts.
var ofScripts = regexp.MustCompile(`^(Test)?(\d|Exercises)[^/]*(/[^t]*)?$`)

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

// Tests returns the names of the tests and benchmarks that a pattern matches, a
// line each.
func Tests(pattern string) string {
	// A pattern of "" would run them all.
	names, _ := exec.Command(os.Args[0], "-test.list", "(?:"+pattern+")").Output()
	return string(names)
}
