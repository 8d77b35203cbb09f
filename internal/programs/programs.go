// Package programs builds the programs that the tests play, each of them once.
package programs

import (
	"errors"
	"fmt"
	"go/build"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/lockedfile"
	"github.com/rogpeppe/go-internal/par"

	"example.com/sockets/internal/proc"
)

// ErrElsewhere says that a program is for other systems.
var ErrElsewhere = errors.New("is not for " + runtime.GOOS)

var built par.Cache // by folder and group, of errors

// Build compiles a package with these flags of go build, and returns the
// program's path: with the race detector if the tests have it, and a program of
// this repository together with those beside it. It fails with what the
// compiler says.
//
// The programs stay in the folder .programs, where Go sees whether they are up
// to date.
func Build(pkg string, flags ...string) (string, error) {
	pkg = "./" + path.Clean(filepath.ToSlash(pkg))
	parent, name := path.Split(pkg)
	root, err := filepath.Abs(fmt.Sprintf(".programs/race-%t", Race()))
	if err != nil {
		return "", err
	}
	beside := strings.ReplaceAll(strings.Trim(parent, "./"), "/", "-")
	group, folder := parent, filepath.Join(root, beside)
	ours := strings.HasPrefix(pkg, "./0") || strings.HasPrefix(pkg, "./testdata/")
	alone := len(flags) > 0 || !ours || !IsFile(pkg+"/main.go")
	if alone {
		group, folder = pkg, filepath.Join(folder, strings.Join(flags, "")+"alone")
	} else if parent == "./testdata/broken/" {
		group += name[:min(3, len(name))] // of the same chapter
	}
	failed, _ := built.Do(folder+group, func() any {
		packages := []string{pkg}
		if !alone {
			packages = mains(group + "*")
		}
		return compile(root, folder, packages, flags)
	}).(error)
	program := filepath.Join(folder, strings.TrimSuffix(name, ".go")+proc.Exe)
	if _, err := os.Stat(program); err != nil && failed == nil { // it was left out
		failed = fmt.Errorf("%s %w", pkg, ErrElsewhere)
	}
	return program, failed
}

// mains returns the packages with a main.go that match a pattern.
func mains(pattern string) []string {
	files, _ := filepath.Glob(pattern + "/main.go")
	for i, file := range files {
		files[i] = "./" + path.Dir(filepath.ToSlash(file))
	}
	return files
}

// compile puts the programs of packages into a folder. No other test builds any
// below this root meanwhile.
func compile(root, folder string, packages, flags []string) error {
	// So that a trace finds each line, and soon.
	args := []string{"build", "-buildvcs=false", "-gcflags=-l",
		"-ldflags=-s=false -w=false -compressdwarf=false"}
	race := strconv.FormatBool(Race())
	args = append(args, "-race="+race, "-o", folder+string(filepath.Separator))
	args = append(args, flags...)
	for _, pkg := range packages {
		if _, err := build.ImportDir(pkg, 0); !errors.As(err, new(*build.NoGoError)) {
			args = append(args, pkg) // it is for this system
		}
	}
	if err := os.MkdirAll(root, 0o777); err != nil {
		return fmt.Errorf("%w; is it another user's? Clone the repository for yourself", err)
	}
	unlock, err := lockedfile.MutexAt(filepath.Join(root, "lock")).Lock()
	if err != nil {
		return fmt.Errorf("%w; is it another user's? Clone the repository for yourself", err)
	}
	defer unlock()
	if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("go build %s: %w\n%s", packages[0], err, out)
	}
	return nil
}

// IsFile reports whether a file can be read. It reads it, so that the test
// cache knows that the tests depend on it.
func IsFile(path string) bool {
	_, err := os.ReadFile(path)
	return err == nil
}

// Race reports whether this test runs with the race detector.
var Race = sync.OnceValue(func() bool {
	info, ok := debug.ReadBuildInfo()
	return ok && slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
})
