package proc

import (
	"os"
	"os/exec"
	"syscall"
)

// Signals are those that can be sent, by their names without SIG. On Windows, a
// program can only be ended.
var Signals = map[string]syscall.Signal{
	"TERM": syscall.SIGKILL, "KILL": syscall.SIGKILL, "INT": syscall.SIGINT,
}

// Exe is what the name of a program ends in.
const Exe = ".exe"

// Descriptors returns how many descriptors a process may have: as many as it wants.
func Descriptors() int { return 1 << 30 }

// group has nothing to do: Windows has no process groups.
func group(*exec.Cmd) {}

// InGroup reports whether a process is in the group of a program: there are none.
func InGroup(*exec.Cmd, int) bool { return false }

func send(program *os.Process, _ syscall.Signal) error { return program.Kill() }
