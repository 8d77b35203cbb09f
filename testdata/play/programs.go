package play

import (
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
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// A Cast names the command that plays in place of a program. The keys are
// packages as the scripts write them ("./01-phone/server"), the values are
// commands as one types them in this folder ("python3 mine.py").
type Cast map[string]string

// A line that the reader types: something for the shell, a program of ours
// with its arguments, and more for the shell.
var goRun = regexp.MustCompile(`^(.*?)\bgo run ((?:-tags \w+ )?\S+)([^|<>;&]*?)((?: \d)?[|<>;&].*|)$`)

// What stands behind a program, if no shell is needed for it.
var redirects = regexp.MustCompile(`^(?:< (\S+))? ?(?:> (\S+))?$`)

// A typed line, as it is executed.
type invocation struct {
	argv  []string
	role  string // "server", "relay" or "client" of a program that takes -addr, and gets it, or ""
	pkg   string // the package of `go run`, or ""
	shell bool   // argv is a shell that runs it

	stdin, stdout  string // files, or ""
	command, typed string // what plays the program, and all that the reader would have typed
	yours          string // the role of a program of the reader's, or ""
}

// invocation finds what to execute for a line that the reader types. A program
// gets its address, unless it has its default. It fails if a package does not
// build.
func (c Cast) invocation(typed string, defaults bool) (inv invocation, err error) {
	m := goRun.FindStringSubmatch(typed)
	if m == nil {
		// The command python3 may be a slow script that looks for it.
		inv.typed = typed
		if python, why := Python(); why == "" {
			typed = python3RE.ReplaceAllLiteralString(typed, python+" ")
		}
		inv.argv, inv.shell = []string{"sh", "-c", typed}, true
		return inv, nil
	}
	before, args, after := m[1], strings.Fields(strings.ReplaceAll(m[3], "'", "")), m[4]
	_, inv.pkg = cutTags(m[2])
	command := c[inv.pkg]
	if command == "" {
		command = "go run " + m[2]
	}
	inv.argv, err = resolve(command)
	own := len(inv.argv)
	inv.argv = append(inv.argv, args...)
	stage, role := partOf(inv.pkg)
	if other, ok := strings.CutPrefix(command, "go run "); ok {
		_, other = cutTags(other)
		inv.pkg = strings.Fields(other)[0]
		stage, _ = partOf(inv.pkg)
	}
	inv.role = role
	switch {
	case role == "" || defaults || slices.Contains(inv.argv, "-addr"):
	case role == "relay":
		inv.argv = append(inv.argv, "-addr", "127.0.0.1:8081", "-to", "127.0.0.1:8080")
	case stage == "04-unix" || slices.Contains(inv.argv, "unix"):
		inv.argv = append(inv.argv, "-addr", "phone.sock")
	default:
		inv.argv = append(inv.argv, "-addr", "127.0.0.1:8080")
	}
	inv.command, inv.typed = command, before+strings.Join(append([]string{command}, inv.argv[own:]...), " ")+after
	files := redirects.FindStringSubmatch(after)
	if before == "" && files != nil {
		inv.stdin, inv.stdout = files[1], files[2]
	} else {
		inv.shell = true
		for i, word := range inv.argv {
			inv.argv[i] = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" // as it is, whatever is in it
		}
		inv.argv = []string{"sh", "-c", before + strings.Join(inv.argv, " ") + after}
	}
	return inv, err
}

var python3RE = regexp.MustCompile(`\bpython3 `)

// cutTags cuts the option -tags WORD off before a package.
func cutTags(pkg string) (tags []string, rest string) {
	if words := strings.Fields(pkg); len(words) > 2 && words[0] == "-tags" {
		return words[:2:2], strings.Join(words[2:], " ")
	}
	return nil, pkg
}

// resolve finds the program of a command, and the files it names: the scripts
// run in another folder. Quotes hold a word with spaces together.
func resolve(command string) (words []string, err error) {
	for _, word := range wordRE.FindAllString(command, -1) {
		words = append(words, strings.Trim(word, `'"`))
	}
	if len(words) > 2 && words[0] == "go" && words[1] == "run" {
		tags, _ := cutTags(strings.Join(words[2:], " "))
		words = words[2+len(tags):]
		program, err := Build(strings.Join(append(tags, words[0]), " "))
		return append([]string{program}, words[1:]...), err
	}
	for i, word := range words {
		if path, err := filepath.Abs(word); err == nil && IsFile(path) {
			words[i] = path
		}
	}
	return words, nil
}

var wordRE = regexp.MustCompile(`'[^']*'|"[^"]*"|\S+`)

// Python returns the path of the interpreter behind the command python3, which
// may be a slow script that looks for it, in quotes and with an option; or why
// there is none to play with.
var Python = sync.OnceValues(func() (command, why string) {
	out, err := exec.Command("python3", "-c", "import sys; print('3.%d' % sys.version_info[1], sys.version_info >= (3, 8), sys.executable)").Output()
	said := strings.SplitN(strings.TrimSpace(string(out)), " ", 3)
	switch {
	case runtime.GOOS == "windows":
		return "", "Python has no AF_UNIX on Windows, and minds no Ctrl-C from here"
	case err != nil || len(said) < 3 || !IsFile(said[2]):
		return "", "there is no python3"
	case said[1] != "True":
		return "", "python3 is older than 3.8"
	}
	return "'" + said[2] + "' -S", "" // without libraries of others, it starts sooner
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
	"server": "server", "eventloop": "server", "03-relay": "relay", "client": "client", "05-try": "client",
}

// Role returns "server" or "client" for a package that takes the place of one.
func Role(pkg string) string {
	_, role := partOf(pkg)
	return role
}

var built sync.Map // of group: func() error

// errElsewhere says that a program is for other systems.
var errElsewhere = errors.New("is not for " + runtime.GOOS)

// Build compiles a package, which may have an option -tags WORD before it,
// together with those beside it, and returns the program's path. With the race
// detector if the tests have it. It fails with what the compiler says.
//
// The programs stay in the folder .programs, where Go sees whether they are up
// to date, or where that cannot be written, in one for this run alone.
func Build(pkg string) (string, error) {
	tags, pkg := cutTags(pkg)
	pkg = "./" + strings.TrimPrefix(path.Clean(filepath.ToSlash(pkg)), "./")
	parent, name := path.Split(pkg)
	group, packages := parent+"...", []string{parent + "..."}
	if strings.HasPrefix(parent, "./testdata/") && len(name) > 3 {
		group, packages = parent+name[:3], nil // those of the same chapter that are for this system
	}
	folder := filepath.Join(programs(), strings.ReplaceAll(strings.Trim(parent, "./"), "/", "-"))
	if tags != nil || parent == "./" || parent == "./testdata/" || !IsFile(pkg+"/main.go") {
		group, packages = pkg, []string{pkg}
		folder = filepath.Join(folder, strings.Join(append(tags, "alone"), ""))
	}
	program := filepath.Join(folder, strings.TrimSuffix(name, ".go")+exe)
	once, _ := built.LoadOrStore(folder+group, sync.OnceValue(func() error {
		args := []string{"build", "-buildvcs=false", "-gcflags=-l", "-ldflags=-s=false -w=false -compressdwarf=false"} // so that a trace finds each line, and soon
		args = append(args, tags...)
		if Race() {
			args = append(args, "-race")
		}
		if packages == nil {
			files, _ := filepath.Glob(group + "*/main.go")
			for _, file := range files {
				if _, err := build.ImportDir(filepath.Dir(file), 0); err == nil {
					packages = append(packages, "./"+path.Dir(filepath.ToSlash(file)))
				}
			}
		}
		unlock, err := lockedfile.MutexAt(filepath.Join(programs(), "lock")).Lock()
		if err != nil {
			return err
		}
		defer unlock()
		out, err := exec.Command("go", append(append(args, "-o", folder+string(filepath.Separator)), packages...)...).CombinedOutput()
		if err != nil {
			return fmt.Errorf("go build %s: %w\n%s", group, err, out)
		}
		return nil
	}))
	err := once.(func() error)()
	if _, missing := os.Stat(program); err == nil && missing != nil { // go build leaves out what is for other systems
		err = fmt.Errorf("%s %w", pkg, errElsewhere)
	}
	return program, err
}

// programs returns the absolute path of the folder for the programs.
var programs = sync.OnceValue(func() string {
	folder, err := filepath.Abs(fmt.Sprintf(".programs/race-%t", Race()))
	if err == nil {
		err = os.MkdirAll(folder, 0o777)
	}
	if err == nil {
		var unlock func()
		if unlock, err = lockedfile.MutexAt(filepath.Join(folder, "lock")).Lock(); err == nil {
			unlock()
			return folder
		}
	}
	folder, err = os.MkdirTemp("", "sockets")
	if err != nil {
		panic(err)
	}
	cleanUp = append(cleanUp, func() { os.RemoveAll(folder) })
	return folder
})

// Race reports whether this test runs with the race detector.
var Race = sync.OnceValue(func() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
})
