// Package proc starts programs, sends them signals, and sees to it that none of
// them outlives the test.
package proc

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"sync"
	"syscall"

	"github.com/rogpeppe/go-internal/par"
)

// The variables that make of this program the watchdog, and name its folder.
const watching, ofFolder = "SOCKETS_WATCHDOG", "SOCKETS_FOLDER"

// Folder is where the test keeps its files. The watchdog removes it in the end.
var Folder string

// Watch is for the first line of TestMain. It returns at once, unless this
// program is the watchdog: then it waits for the test's end, however that comes,
// kills the programs that are left, removes its folder, and exits. It reads +PID
// and -PID until then.
func Watch() {
	if os.Getenv(watching) == "" {
		return
	}
	signal.Ignore(os.Interrupt)
	left, pid := map[int]bool{}, 0
	for n := 1; n == 1; n, _ = fmt.Scan(&pid) {
		left[max(pid, -pid)] = pid > 0
	}
	for pid, running := range left {
		if process, err := os.FindProcess(pid); running && err == nil {
			send(process, syscall.SIGKILL)
		}
	}
	os.RemoveAll(os.Getenv(ofFolder)) // of "" it removes nothing
	os.Exit(0)
}

var watchdog = sync.OnceValue(func() io.Writer {
	self, _ := os.Executable()
	cmd := exec.Command(cmp.Or(self, os.Args[0]))
	cmd.Env = append(os.Environ(), watching+"=1", ofFolder+"="+Folder)
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
		running.Store(cmd, true)
		fmt.Fprintf(watchdog(), "+%d\n", cmd.Process.Pid)
	}
	return err
}

// Wait waits for a program that Start started. It fails as cmd.Wait does.
func Wait(cmd *exec.Cmd) error {
	err := cmd.Wait()
	running.Delete(cmd)
	fmt.Fprintf(watchdog(), "-%d\n", cmd.Process.Pid)
	return err
}

var running sync.Map // by *exec.Cmd

// End kills what Start has started, and removes the folder.
func End() {
	for cmd := range running.Range {
		Signal(cmd.(*exec.Cmd), syscall.SIGKILL)
	}
	os.RemoveAll(Folder)
}

// Signal sends a signal to the group of a program that Start started. It fails
// if all in it have ended.
func Signal(cmd *exec.Cmd, s syscall.Signal) error { return send(cmd.Process, s) }

// Can reports whether a command works here.
func Can(command ...string) bool {
	return tried.Do(strings.Join(command, " "), func() any {
		return exec.Command(command[0], command[1:]...).Run() == nil
	}).(bool)
}

var tried par.Cache // by command, of whether it works
