package play

import (
	"cmp"
	"errors"
	"fmt"
	"go/build"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/lockedfile"
	"github.com/rogpeppe/go-internal/par"
)

// A Cast names the command that plays in place of a program. The keys are
// packages as the scripts write them ("./01-phone/server"), the values are
// commands as one types them in this folder ("python3 mine.py").
type Cast map[string]string

// A line that the reader types: something for the shell, a program of ours
// with its arguments, and more for the shell.
var goRun = regexp.MustCompile(`^(.*?)\bgo run (\S+)([^|<>;&]*?)((?: \d)?[|<>;&].*|)$`)

// A shell script of a stage.
var shellScript = regexp.MustCompile(`\b\d\d-\w+/\w+\.sh\b`)

// What stands behind a program, if no shell is needed for it.
var redirects = regexp.MustCompile(`^(?:< (\S+))? ?(?:> (\S+))?$`)

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

// invocation finds what to execute for a line that the reader types. A program
// gets its address, unless it has its default. It fails if a package does not
// build.
func (c Cast) invocation(typed string, defaults bool) (inv invocation, err error) {
	m := goRun.FindStringSubmatch(typed)
	if m == nil {
		line := shellScript.ReplaceAllStringFunc(typed, func(file string) string {
			path, _ := filepath.Abs(file) // it runs in another folder
			return path
		})
		return invocation{argv: []string{"sh", "-c", line}, typed: typed, shell: true}, nil
	}
	before, pkg, args, after := m[1], m[2], strings.Fields(strings.ReplaceAll(m[3], "'", "")), m[4]
	command := cmp.Or(c[pkg], "go run "+pkg)
	inv.argv, inv.pkg, err = resolve(command)
	inv.pkg = cmp.Or(inv.pkg, pkg)
	_, inv.role = partOf(pkg)
	stage, _ := partOf(inv.pkg)
	switch {
	case inv.role == "" || defaults || slices.Contains(append(args, inv.argv...), "-addr"):
	case inv.role == "relay":
		args = append(args, "-addr", "127.0.0.1:8081", "-to", "127.0.0.1:8080")
	case stage == "04-unix" || slices.Contains(args, "unix"):
		args = append(args, "-addr", "phone.sock")
	default:
		args = append(args, "-addr", "127.0.0.1:8080")
	}
	if yours := *Yours[inv.role]; yours != "" && strings.HasPrefix(command, yours) {
		inv.yours = inv.role
	}
	inv.argv = append(inv.argv, args...)
	inv.typed = before + strings.Join(append([]string{command}, args...), " ") + after
	if files := redirects.FindStringSubmatch(after); before == "" && files != nil {
		inv.stdin, inv.stdout = files[1], files[2]
	} else {
		inv.shell = true
		inv.argv = append([]string{"sh", "-c", before + `"$@"` + after, "sh"}, inv.argv...)
	}
	return inv, err
}

// resolve finds the program of a command, its package if it is `go run`, and the
// files it names: the scripts run in another folder. Quotes hold a word with
// spaces together. It fails if the package does not build.
func resolve(command string) (words []string, pkg string, err error) {
	for _, word := range wordRE.FindAllString(command, -1) {
		words = append(words, strings.Trim(word, `'"`))
	}
	if len(words) > 2 && words[0] == "go" && words[1] == "run" {
		i := 2 + slices.IndexFunc(words[2:], func(word string) bool { return word[0] != '-' })
		program, err := Build(words[i], words[2:i]...)
		return append([]string{program}, words[i+1:]...), words[i], err
	}
	for i, word := range words {
		if path, err := filepath.Abs(word); err == nil && IsFile(path) {
			words[i] = path
		}
	}
	return words, "", nil
}

var wordRE = regexp.MustCompile(`'[^']*'|"[^"]*"|\S+`)

// Python returns the path of the interpreter behind the command python3, which
// may be a slow script that looks for it, in quotes and with an option; or why
// there is none to play with.
var Python = sync.OnceValues(func() (command, why string) {
	out, err := exec.Command("python3", "-c", "import sys; assert sys.version_info >= (3, 8); print(sys.executable)").Output()
	path := strings.TrimSpace(string(out))
	if runtime.GOOS == "windows" {
		return "", "Python has no AF_UNIX on Windows, and minds no Ctrl-C from here"
	} else if err != nil || !IsFile(path) {
		return "", "there is no python3 of 3.8 or newer"
	}
	return "'" + path + "' -S", "" // without libraries of others, it starts sooner
})

// IsFile reports whether a file can be read. It reads it, so that the test
// cache knows that the tests depend on it.
func IsFile(path string) bool {
	_, err := os.ReadFile(path)
	return err == nil
}

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
	"server": "server", "eventloop": "server", "relay": "relay", "client": "client", "try": "client",
}

// Role returns "server" or "client" for a package that takes the place of one.
func Role(pkg string) string {
	_, role := partOf(pkg)
	return role
}

var built par.Cache // by folder and group, of errors

// errElsewhere says that a program is for other systems.
var errElsewhere = errors.New("is not for " + runtime.GOOS)

// Build compiles a package with these flags of go build, together with those
// beside it, and returns the program's path. With the race detector if the tests
// have it. It fails with what the compiler says.
//
// The programs stay in the folder .programs, where Go sees whether they are up
// to date, or where that cannot be written, in one for this run alone.
func Build(pkg string, flags ...string) (string, error) {
	pkg = "./" + path.Clean(filepath.ToSlash(pkg))
	parent, name := path.Split(pkg)
	group, folder := parent, filepath.Join(programs(), strings.ReplaceAll(strings.Trim(parent, "./"), "/", "-"))
	alone := len(flags) > 0 || parent == "./" || !IsFile(pkg+"/main.go")
	if alone {
		group, folder = pkg, filepath.Join(folder, strings.Join(flags, "")+"alone")
	} else if strings.HasPrefix(parent, "./testdata/") {
		group += name[:min(3, len(name))] // of the same chapter
	}
	program := filepath.Join(folder, strings.TrimSuffix(name, ".go")+exe)
	err, _ := built.Do(folder+group, func() any {
		// So that a trace finds each line, and soon.
		args := []string{"build", "-buildvcs=false", "-gcflags=-l", "-ldflags=-s=false -w=false -compressdwarf=false"}
		args = append(args, "-race="+strconv.FormatBool(Race()), "-o", folder+string(filepath.Separator))
		args = append(args, flags...)
		packages := []string{pkg}
		if !alone {
			packages, _ = filepath.Glob(group + "*/main.go")
		}
		for _, pkg := range packages {
			pkg = strings.TrimSuffix(pkg, "main.go")
			if _, err := build.ImportDir(pkg, 0); !errors.As(err, new(*build.NoGoError)) { // it is for this system
				args = append(args, "./"+filepath.ToSlash(filepath.Clean(pkg)))
			}
		}
		unlock, err := lockedfile.MutexAt(filepath.Join(programs(), "lock")).Lock()
		if err != nil {
			return err
		}
		defer unlock()
		if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
			return fmt.Errorf("go build %s: %w\n%s", group, err, out)
		}
		return nil
	}).(error)
	if _, missing := os.Stat(program); err == nil && missing != nil { // go build leaves out what is for other systems
		err = fmt.Errorf("%s %w", pkg, errElsewhere)
	}
	return program, err
}

// programs returns the absolute path of the folder for the programs.
var programs = sync.OnceValue(func() string {
	folder, _ := filepath.Abs(fmt.Sprintf(".programs/race-%t", Race()))
	os.MkdirAll(folder, 0o777)
	unlock, err := lockedfile.MutexAt(filepath.Join(folder, "lock")).Lock()
	if err == nil { // it can be written
		unlock()
		return folder
	}
	temporary, err = os.MkdirTemp("", "sockets")
	if err != nil {
		panic(err)
	}
	return temporary
})

var temporary string // to be removed at the end, or ""

// Race reports whether this test runs with the race detector.
var Race = sync.OnceValue(func() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
})
