//go:build unix

package proc

import (
	"os"
	"os/exec"
	"syscall"
)

func init() { syscall.Umask(0o022) } // as most have it

// Signals are those that can be sent, by their names without SIG.
var Signals = map[string]syscall.Signal{
	"TERM": syscall.SIGTERM, "KILL": syscall.SIGKILL, "INT": syscall.SIGINT,
	"WINCH": syscall.SIGWINCH, "CONT": syscall.SIGCONT, "STOP": syscall.SIGSTOP,
}

// Exe is what the name of a program ends in.
const Exe = ""

// Descriptors returns how many descriptors a process may have.
func Descriptors() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil || limit.Max > 1<<30 {
		return 1 << 30
	}
	return int(limit.Max)
}

// group puts a program into a process group of its own, as a terminal does.
func group(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// InGroup reports whether a process is in the group of a program that Start started.
func InGroup(program *exec.Cmd, pid int) bool {
	group, _ := syscall.Getpgid(pid)
	return group == program.Process.Pid
}

func send(program *os.Process, s syscall.Signal) error { return syscall.Kill(-program.Pid, s) }
