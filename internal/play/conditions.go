package play

import (
	"flag"
	"fmt"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"

	"example.com/sockets/internal/proc"
	"example.com/sockets/internal/programs"
	"example.com/sockets/internal/wire"
)

// Thorough reports whether there is time for all: with the race detector, or if
// -run says what to play of a chapter. A plain `go test` plays no program in
// another language, not the event loop with poll, no program in a script of an
// earlier chapter, no script with a program on which it has to fail, and not what
// the condition [thorough] leaves out.
func Thorough() bool {
	return programs.Race() || strings.Contains(flag.Lookup("test.run").Value.String(), "/")
}

// The scripts' conditions about the machine, besides testscript's own.
var conditions = map[string]func() bool{
	"race":    programs.Race, // all is slower
	"sh":      hasShell,
	"wine":    func() bool { return runtime.GOOS == "windows" && os.Getenv("WINEPREFIX") != "" },
	"af-unix": hasUnix,
	"python3": func() bool { _, why := Python(); return why == "" },
	"ipv6":    func() bool { return loopback("[::1]:0") == nil },
	"nc":      shell("nc -h 2>&1 | grep OpenBSD"),
	// Those of busybox are others.
	"line-buffered": shell("echo x | grep --line-buffered x"),
	"gnu-cat":       shell(`case "$(cat --version)" in *GNU*) ;; *) false; esac`),
	// Another user can be played.
	"stranger": can("setpriv", "--reuid", "65534", "--clear-groups", "true"),
	// A program can be traced, and a script can have a network of its own.
	"strace": can("strace", "-k", "-o", "/dev/null", "true"),
	"netns": can("unshare", "-rnm", "sh", "-ec",
		"ip link set lo up; mount --bind /etc/hosts /etc/hosts; nsenter --version"),
	"hosts": can("unshare", "-rnm", "sh", "-ec", "mount --bind /etc/hosts /etc/hosts; "+
		"ip link add eth0 type veth; nsenter --version; "+
		"cd /proc/sys/net/ipv4; echo 3 > tcp_syn_retries"),
	// The packets of such a network can be taken, by this program.
	"wire": func() bool {
		self, _ := os.Executable()
		return proc.Can("strace", "-o", "/dev/null", "true") &&
			proc.Can("unshare", "-rn", "sh", "-ec", "ip link set lo up; nsenter --version; "+
				wire.Capturing+"=/dev/null exec '"+self+"' </dev/null")
	},
	"nft": can("unshare", "-rn", "nft", "add table inet wall; add chain inet wall in; "+
		"add rule inet wall in numgen inc mod 5 == 0 drop; "+
		"add rule inet wall in tcp dport 80 reject"),
	// TCP's buffers are about as large as Linux makes them by itself.
	"buffers": func() bool {
		both := setting("ipv4/tcp_rmem") + " " + setting("ipv4/tcp_wmem")
		var least, r, w, mostR, mostW int
		n, _ := fmt.Sscan(both, &least, &r, &mostR, &least, &w, &mostW)
		return n < 6 || max(r, w) <= 1<<20 && min(mostR, mostW) >= 1<<20
	},
	// The listener's backlog is as Linux has it by itself, and there is Multipath TCP.
	"backlog": func() bool { return setting("core/somaxconn") == "4096" },
	"mptcp":   func() bool { return setting("mptcp/enabled") == "1" },
}

func setting(key string) string {
	value, _ := os.ReadFile("/proc/sys/net/" + key)
	return strings.TrimSpace(string(value))
}

func can(command ...string) func() bool {
	return func() bool { return proc.Can(command...) }
}

func shell(command string) func() bool { return can("sh", "-c", command) }

// hasShell reports whether there is a shell like those of Unix. One that was
// brought to Windows can end no program that it started.
func hasShell() bool { return runtime.GOOS != "windows" && proc.Can("sh", "-c", ":") }

// hasUnix reports whether the system has AF_UNIX. Wine has not.
var hasUnix = sync.OnceValue(func() bool {
	folder, err := os.MkdirTemp(os.Getenv("GOTMPDIR"), "unix")
	if err != nil {
		return false
	}
	defer os.RemoveAll(folder)
	ln, err := net.Listen("unix", folder+"/s")
	if err == nil {
		ln.Close()
	}
	return err == nil
})
