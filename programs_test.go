package sockets

import (
	"crypto/sha256"
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

func TestMain(m *testing.M) {
	if os.Getenv(printName) != "" { // this is build's -exec
		fmt.Print(os.Args[1])
		return
	}
	flag.Parse()
	flag.Set("test.parallel", "24") // the scripts wait for one another's programs more than they compute
	os.Exit(m.Run())
}

// A cast names the command that plays in place of a program. The keys are
// packages as the scripts write them ("./01-phone/server"), the values are
// commands as one types them in this folder ("python3 mine.py").
type cast map[string]string

// A line that the reader types: something for the shell, a program of ours
// with its arguments, and more for the shell.
var goRun = regexp.MustCompile(`^(.*?)\bgo run (\S+)([^|<>;&]*)(.*)$`)

// command finds what to execute for a line that the reader types, and the
// role of the program in it: "server", "relay" or "client" for one that takes
// -addr, and gets it, "" for any other. It fails if a package does not build.
func (c cast) command(typed string) (argv []string, role string, err error) {
	m := goRun.FindStringSubmatch(typed)
	if m == nil {
		return []string{"sh", "-c", typed}, "", nil
	}
	before, pkg, args, after := m[1], m[2], strings.Fields(strings.ReplaceAll(m[3], "'", "")), m[4]
	stage, role := partOf(pkg)
	if other := c[pkg]; other == "" {
		argv, err = resolve("go run " + pkg)
	} else {
		argv, err = resolve(other)
	}
	argv = append(argv, args...)
	switch {
	case role == "" || slices.Contains(argv, "-addr"):
	case role == "relay":
		argv = append(argv, "-addr", "127.0.0.1:8081", "-to", "127.0.0.1:8080")
	case stage == "04-unix" || slices.Contains(argv, "unix"):
		argv = append(argv, "-addr", "phone.sock")
	default:
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

// partOf says which stage a package belongs to, and whether it is a server, a
// relay, a client, or ("") none of them there.
func partOf(pkg string) (stage, role string) {
	if text, err := os.ReadFile(filepath.Join(pkg, "main.go")); err == nil {
		if m := replacesLine.FindSubmatch(text); m != nil {
			return partOf(string(m[1]))
		}
	}
	folder, name := filepath.Split(filepath.Clean(pkg))
	role = map[string]string{
		"server": "server", "eventloop": "server", "03-relay": "relay", "client": "client", "05-try": "client",
	}[name]
	return filepath.Clean(folder), role
}

// printName is the variable in which build tells this program, as the -exec
// of `go run`, to print the name of the program that it is to execute. That
// program is in Go's cache, and stays there.
const printName = "SOCKETS_PRINT_NAME"

// noRaceSleep keeps a program with the race detector from sleeping a second
// at its end.
const noRaceSleep = "GORACE=atexit_sleep_ms=0"

var built sync.Map // of package: func() (string, error)

// build compiles a package once, with the race detector if the tests have
// it, and returns the program's path. It fails with what the compiler says.
func build(pkg string) (string, error) {
	once, _ := built.LoadOrStore(pkg, sync.OnceValues(func() (string, error) {
		// Go takes a tenth of a second to see that nothing has changed. So
		// remember the path, and all that the program is made of.
		args := []string{"run", "-gcflags=-l", "-ldflags=-s=false -w=false"} // so that a trace finds each line
		if raceDetector() {
			args = append(args, "-race")
		}
		var sources strings.Builder
		info, _ := debug.ReadBuildInfo()
		fmt.Fprintln(&sources, info.GoVersion, info.Settings, args)
		files, _ := filepath.Glob(filepath.Join(pkg, "*"))
		for _, file := range append(files, "go.mod", "go.sum") {
			text, _ := os.ReadFile(file)
			fmt.Fprintln(&sources, file, len(text), string(text))
		}
		hash := fmt.Sprintf("%x\n", sha256.Sum256([]byte(sources.String())))
		folder, err := os.UserCacheDir()
		if err != nil {
			folder = os.TempDir()
		}
		note := filepath.Join(folder, "example.com-sockets", fmt.Sprintf("race-%t", raceDetector()), strings.ReplaceAll(strings.TrimLeft(pkg, "./"), "/", "_"))
		if text, err := os.ReadFile(note); err == nil {
			if program, same := strings.CutPrefix(string(text), hash); same {
				if _, err := os.Stat(program); err == nil {
					return program, nil
				}
			}
		}
		var program []byte
		for range 2 { // what Go has just built is in its cache from the second time on
			cmd := exec.Command("go", append(args, "-exec", strconv.Quote(os.Args[0]), pkg)...)
			cmd.Env = append(os.Environ(), printName+"=1", noRaceSleep)
			var stderr strings.Builder
			cmd.Stderr = &stderr
			program, err = cmd.Output()
			if err != nil {
				return "", fmt.Errorf("go run %s: %w\n%s", pkg, err, &stderr)
			}
			if _, err := os.Stat(string(program)); err == nil {
				break
			}
		}
		os.MkdirAll(filepath.Dir(note), 0o777) // if it cannot be written, Go is asked again
		os.WriteFile(note, append([]byte(hash), program...), 0o666)
		return string(program), nil
	}))
	return once.(func() (string, error))()
}

// raceDetector reports whether this test runs under -race.
var raceDetector = sync.OnceValue(func() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
})
