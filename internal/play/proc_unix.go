//go:build unix

package play

import (
	"os"
	"os/exec"
	"syscall"
)

func init() { syscall.Umask(0o022) } // as most have it

// The signals that the scripts send.
var signals = map[string]syscall.Signal{
	"TERM": syscall.SIGTERM, "KILL": syscall.SIGKILL, "INT": syscall.SIGINT,
	"WINCH": syscall.SIGWINCH, "CONT": syscall.SIGCONT, "STOP": syscall.SIGSTOP,
}

// group puts the program into a process group of its own, as a terminal does.
func group(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// descriptors returns how many a process may have.
func descriptors() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil || limit.Max > 1<<30 {
		return 1 << 30
	}
	return int(limit.Max)
}

const exe = ""

func wine() bool { return false }

// signal sends a signal to the group that Start made for a program. It fails if
// all have ended.
func signal(program *os.Process, s syscall.Signal) error { return syscall.Kill(-program.Pid, s) }
