//go:build unix

package sockets

import (
	"os/exec"
	"syscall"
)

const (
	interrupt   = syscall.SIGINT
	kill        = syscall.SIGKILL
	interrupted = "signal: interrupt" // how a program ends that knows nothing of Ctrl-C
)

// group puts the program into a process group of its own, as a terminal does.
func group(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// signal sends a signal to the program's group. It fails if all have ended.
func signal(cmd *exec.Cmd, s syscall.Signal) error { return syscall.Kill(-cmd.Process.Pid, s) }
