package play

import (
	"os"
	"os/exec"
	"syscall"
)

// Windows knows no signals but one.
var signals = map[string]syscall.Signal{"TERM": syscall.SIGKILL, "KILL": syscall.SIGKILL, "INT": syscall.SIGINT}

// group has nothing to do: Windows has no process groups.
func group(*exec.Cmd) {}

// descriptors returns how many a process may have: as many as it wants.
func descriptors() int { return 1 << 30 }

const exe = ".exe"

// wine reports whether the system only plays Windows.
func wine() bool { return syscall.NewLazyDLL("ntdll.dll").NewProc("wine_get_version").Find() == nil }

// signal ends the program: on Windows, Go can send no other signal.
func signal(program *os.Process, _ syscall.Signal) error { return program.Kill() }
