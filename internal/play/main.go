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
	if signal.Ignored(os.Interrupt) { // in a shell's background: our programs would ignore it too
		signal.Notify(make(chan os.Signal, 1), os.Interrupt)
	}
	temp := cmp.Or(os.Getenv("GOTMPDIR"), os.TempDir())
	if len(temp) > 30 && runtime.GOOS != "windows" {
		os.Setenv("GOTMPDIR", "/tmp") // the path of a socket has to be short
	}
	status := m.Run()
	pattern := flag.Lookup("test.run").Value.String()
	if said := played.String(); said != "" {
		fmt.Println(said)
	} else if status == 0 && played.exam == 0 && ofScripts.MatchString(pattern) {
		const help = "-run '%s' plays nothing: -run 01 is chapter 1, -run 01/01-phone a script of it\n"
		fmt.Printf(help, pattern)
		status = 1
	}
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
