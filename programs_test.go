package sockets

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

var binaries string // the folder of the programs that are built for the scripts

func TestMain(m *testing.M) {
	if program := os.Getenv(keepAs); program != "" { // this is build's -exec
		data, err := os.ReadFile(os.Args[1])
		if err == nil {
			err = os.WriteFile(program, data, 0o777)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	flag.Parse()
	folder, err := os.MkdirTemp("", "sockets")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	binaries = folder
	flag.Set("test.parallel", "8") // the scripts wait for one another's programs more than they compute
	code := m.Run()
	os.RemoveAll(folder)
	os.Exit(code)
}

// A cast names the command that plays in place of a program. The keys are
// packages as the scripts write them ("./01-phone/server"), the values are
// commands as one types them in this folder ("python3 mine.py").
type cast map[string]string

// A line that the reader types: something for the shell, a program of ours
// with its arguments, and more for the shell.
var goRun = regexp.MustCompile(`^(.*?)\bgo run (\S+)([^|<>;&]*)(.*)$`)

// command finds what to execute for a line that the reader types, and the
// role of the program in it: "server" or "client" for one that takes -addr,
// and gets it, "" for any other. It fails if a package does not build.
func (c cast) command(typed string) (argv []string, role string, err error) {
	m := goRun.FindStringSubmatch(typed)
	if m == nil {
		return []string{"sh", "-c", typed}, "", nil
	}
	before, pkg, args, after := m[1], m[2], strings.Fields(strings.ReplaceAll(m[3], "'", "")), m[4]
	role = roleOf(pkg)
	if other := c[pkg]; other == "" {
		argv, err = resolve("go run " + pkg)
	} else {
		argv, err = resolve(other)
	}
	argv = append(argv, args...)
	if role != "" && !slices.Contains(argv, "-addr") {
		argv = append(argv, "-addr", "127.0.0.1:8080")
	}
	if before+after != "" {
		argv = []string{"sh", "-c", before + "'" + strings.Join(argv, "' '") + "'" + after}
	}
	return argv, role, err
}

// resolve finds the program of a command without arguments of its own, and
// the files it names: the scripts run in another folder.
func resolve(command string) ([]string, error) {
	words := strings.Fields(command)
	if len(words) > 2 && words[0] == "go" && words[1] == "run" {
		program, err := build(words[2])
		return append([]string{program}, words[3:]...), err
	}
	for i, word := range words {
		if path, err := filepath.Abs(word); err == nil && isFile(path) {
			words[i] = path
		}
	}
	return words, nil
}

// python is how to call the interpreter behind the command python3, which may be a
// slow script that looks for it; or "" if there is none.
var python = sync.OnceValue(func() string {
	out, err := exec.Command("python3", "-c", "import sys; print(sys.executable)").Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out)) + " -S" // without libraries of others, it starts sooner
})

// isFile reports whether a file can be read. It reads it, so that the test
// cache knows that the tests depend on it.
func isFile(path string) bool {
	_, err := os.ReadFile(path)
	return err == nil
}

// A program that is wrong on purpose, and the solution of an exercise, say
// which stage program they take the place of, and which scripts fail on them.
var (
	replacesLine = regexp.MustCompile(`(?m)^//test:replaces (\S+)$`)
	failsLine    = regexp.MustCompile(`(?m)^//test:(fails|hangs) (\S+): (.+)$`)
)

// roleOf says whether a package is a server, a client, or ("") neither.
func roleOf(pkg string) string {
	if text, err := os.ReadFile(filepath.Join(pkg, "main.go")); err == nil {
		if m := replacesLine.FindSubmatch(text); m != nil {
			pkg = string(m[1])
		}
	}
	if role := filepath.Base(pkg); role == "server" || role == "client" {
		return role
	}
	return ""
}

// keepAs is the variable in which build tells this program, as the -exec of
// `go run`, where to put the program that it is to execute. In this way a
// program that has not changed comes from Go's cache, and is not linked anew.
const keepAs = "SOCKETS_KEEP_AS"

// noRaceSleep keeps a program with the race detector from sleeping a second
// at its end.
const noRaceSleep = "GORACE=atexit_sleep_ms=0"

var built sync.Map // of package: func() (string, error)

// build compiles a package once, with the race detector if the tests have
// it, and returns the program's path. It fails with what the compiler says.
func build(pkg string) (string, error) {
	once, _ := built.LoadOrStore(pkg, sync.OnceValues(func() (string, error) {
		files, _ := filepath.Glob(filepath.Join(pkg, "*"))
		for _, file := range append(files, pkg) { // for the test cache
			isFile(file)
		}
		program := filepath.Join(binaries, strings.ReplaceAll(strings.TrimLeft(pkg, "./"), "/", "_")+".exe")
		args := []string{"run", "-ldflags=-s=false -w=false", "-exec", strconv.Quote(os.Args[0])}
		if raceDetector() {
			args = append(args, "-race")
		}
		cmd := exec.Command("go", append(args, pkg)...)
		cmd.Env = append(os.Environ(), keepAs+"="+program, noRaceSleep)
		out, err := cmd.CombinedOutput()
		if err != nil {
			err = fmt.Errorf("go run %s: %w\n%s", pkg, err, out)
		}
		return program, err
	}))
	return once.(func() (string, error))()
}

// raceDetector reports whether this test runs under -race.
var raceDetector = sync.OnceValue(func() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
})
