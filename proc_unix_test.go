//go:build unix

package sockets

import (
	"net"
	"os/exec"
	"syscall"
	"unsafe"
)

func init() { syscall.Umask(0o022) } // as most have it

// The signals that the command kill sends, by their names in the scripts.
var signals = map[string]syscall.Signal{"-TERM": syscall.SIGTERM, "-KILL": syscall.SIGKILL}

// unheard returns how many bytes the other end of a line has not read yet,
// where the system tells.
func unheard(line *net.UnixConn) (n int32) {
	if socket, err := line.SyscallConn(); err == nil {
		socket.Control(func(fd uintptr) {
			syscall.Syscall(syscall.SYS_IOCTL, fd, syscall.TIOCOUTQ, uintptr(unsafe.Pointer(&n)))
		})
	}
	return n
}

const (
	interrupt   = syscall.SIGINT
	kill        = syscall.SIGKILL
	interrupted = "signal: interrupt" // how a program ends that knows nothing of Ctrl-C
)

// group puts the program into a process group of its own, as a terminal does.
func group(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// signal sends a signal to the program's group. It fails if all have ended.
func signal(cmd *exec.Cmd, s syscall.Signal) error { return syscall.Kill(-cmd.Process.Pid, s) }
