package play

import (
	"cmp"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"

	"example.com/sockets/internal/programs"
)

// A Cast names the command that plays in place of a program. The keys are
// packages as the scripts write them ("./01-phone/server"), the values are
// commands as one types them in this folder ("python3 mine.py").
type Cast map[string]string

var yours = map[string]*string{
	"server": flag.String("server", "", "play the scripts with this `command` as the server"),
	"client": flag.String("client", "", "play the scripts with this `command` as the client"),
}

// Yours returns the reader's command for a role, or "".
func Yours(role string) string {
	if command := yours[role]; command != nil {
		return *command
	}
	return ""
}

// A line that the reader types: something for the shell, a program of ours
// with its arguments, and more for the shell.
var goRun = regexp.MustCompile(`^(.*?)\bgo run (\S+)([^|<>;&]*?)((?: \d)?[|<>;&].*|)$`)

// A shell script of a stage.
var shellScript = regexp.MustCompile(`\b\d\d-\w+/\w+\.sh\b`)

// What stands behind a program, if no shell is needed for it.
var redirects = regexp.MustCompile(`^(?:< (\S+))? ?(?:> (\S+))?$`)

// A line that each shell takes as it is.
var plainLine = regexp.MustCompile(`^[-\w\s./:,@=]*$`)

// A typed line, as it is executed.
type invocation struct {
	argv  []string
	role  string // "server", "relay" or "client" of a program that takes -addr, and gets it, or ""
	pkg   string // the package of `go run`, or ""
	shell bool   // argv is a shell that runs it
	typed string // all that the reader would have typed
	yours string // the role of a program of the reader's, or ""

	stdin, stdout string // files, or ""
}

// invocation finds what to execute for a line that the reader types, in a shell
// if it needs one. A program gets its address, unless it has its default. It fails
// if a package does not build.
func (how Staging) invocation(typed string, defaults bool) (inv invocation, err error) {
	shell := strings.Fields(cmp.Or(how.Shell, "sh") + " -c")
	m := goRun.FindStringSubmatch(typed)
	if m == nil {
		line := shellScript.ReplaceAllStringFunc(typed, func(file string) string {
			path, _ := filepath.Abs(file) // it runs in another folder
			return path
		})
		if before, after, found := strings.Cut(line, "python3 "); found {
			command, _ := Python() // which starts sooner
			line = before + cmp.Or(command, "python3") + " " + after
		}
		return invocation{argv: append(shell, line), typed: typed, shell: true}, nil
	}
	before, pkg, after := m[1], m[2], m[4]
	args := strings.Fields(strings.ReplaceAll(m[3], "'", ""))
	command := cmp.Or(how.Cast[pkg], "go run "+pkg)
	inv.argv, inv.pkg, err = Resolve(command)
	inv.pkg = cmp.Or(inv.pkg, pkg)
	stage, role := partOf(pkg)
	inv.role = role
	var addr []string
	if inv.role != "" && !defaults && !slices.Contains(append(args, inv.argv...), "-addr") {
		unix := stage == "04-unix" || slices.Contains(args, "unix")
		addr = addressOf(inv.role, unix)
	}
	if (how.Unix || stage == "04-unix") && strings.HasPrefix(command, "cd ") {
		err = errors.New("-addr is a path in the folder where a program is started: use no cd")
	}
	if mine := Yours(inv.role); mine != "" && strings.HasPrefix(command, mine) {
		inv.yours = inv.role
	}
	inv.argv = append(inv.argv, addr...)
	inv.typed = before + strings.Join(slices.Concat([]string{command}, args, addr), " ")
	if after != "" {
		inv.typed += " " + strings.TrimSpace(after)
	}
	files := redirects.FindStringSubmatch(after)
	if before == "" && files != nil && (how.Shell == "" || plainLine.MatchString(typed)) {
		inv.argv = append(inv.argv, args...)
		inv.stdin, inv.stdout = files[1], files[2]
	} else {
		inv.shell = true
		shell = append(shell, before+`"$@"`+m[3]+after, shell[0])
		inv.argv = append(shell, inv.argv...)
	}
	return inv, err
}

// addressOf returns the arguments that are the default address of a program.
func addressOf(role string, unix bool) []string {
	if role == "relay" {
		return []string{"-addr", "127.0.0.1:8081", "-to", "127.0.0.1:8080"}
	} else if unix {
		return []string{"-addr", "phone.sock"}
	}
	return []string{"-addr", "127.0.0.1:8080"}
}

// Python returns the path of the interpreter behind the command python3, which
// may be a slow script that looks for it, in quotes and with an option; or why
// there is none to play with.
var Python = sync.OnceValues(func() (command, why string) {
	const ask = "import sys; assert sys.version_info >= (3, 8); print(sys.executable)"
	out, err := exec.Command("python3", "-c", ask).Output()
	path := strings.TrimSpace(string(out))
	if runtime.GOOS == "windows" {
		return "", "Python has no AF_UNIX on Windows, and minds no Ctrl-C from here"
	} else if err != nil || !programs.IsFile(path) {
		return "", "there is no python3 of 3.8 or newer"
	}
	return "'" + path + "' -S", "" // without libraries of others
})

// A program that is wrong on purpose, and the solution of an exercise, say
// which stage program they take the place of, and which scripts fail on them.
var (
	ReplacesLine = regexp.MustCompile(`(?m)^//test:replaces (\S+)$`)
	FailsLine    = regexp.MustCompile(`(?m)^//test:(fails|hangs) (\S+): (.+)$`)
)

// partOf says which stage a package belongs to, and whether it is a server, a
// relay, a client, or ("") none of them there.
func partOf(pkg string) (stage, role string) {
	if text, err := os.ReadFile(filepath.Join(pkg, "main.go")); err == nil {
		if m := ReplacesLine.FindSubmatch(text); m != nil {
			return partOf(string(m[1]))
		}
	}
	folder, name := filepath.Split(filepath.Clean(pkg))
	return filepath.Clean(folder), roles[name]
}

var roles = map[string]string{
	"server": "server", "eventloop": "server", "relay": "relay",
	"client": "client", "try": "client",
}

// Role returns "server" or "client" for a package that takes the place of one.
func Role(pkg string) string {
	_, role := partOf(pkg)
	return role
}
