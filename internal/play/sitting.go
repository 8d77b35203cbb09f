package play

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
)

// A sitting is a script, and how it went with a program of the reader's.
type sitting struct {
	name, file string
	how        Staging
	failed     bool
	skipped    string // why
	went       string // pass, fail, skip, or "" if it was not tried
	log        string // all that the script said
	scene      *scene
}

// play plays a script, and waits so long for what has to come. Each line of the
// script gets a condition, so that the scene knows which line it has come to.
func (r *sitting) play(patience time.Duration) {
	how := r.how
	how.patience = patience
	numbered := number(r.file)
	defer os.RemoveAll(filepath.Dir(numbered))
	scene, t := rehearse(how, numbered, true)
	r.went, r.skipped = "pass", t.skipped
	if t.failed {
		r.went = "fail"
	} else if !scene.graded {
		r.went = "skip"
	}
	r.scene, r.failed, r.log = scene, t.failed, numberRE.ReplaceAllString(t.log.String(), "")
	count(func() {
		played.exam++
		if r.how.tried == "" {
			sat[r.name] = r.failed
		}
	})
}

// busy says how much longer all takes on a machine on which more programs want to
// run than there are processors.
func busy() float64 {
	text, _ := os.ReadFile("/proc/loadavg")
	var lately, ignored, now float64
	fmt.Sscanf(string(text), "%g %g %g %g", &lately, &ignored, &ignored, &now)
	processors := float64(runtime.NumCPU())
	if now-1 <= processors { // it was busy, perhaps
		return 1
	}
	return min(4, max(lately, now-1)/processors)
}

var sat = map[string]bool{} // the sittings that are over, and whether they failed

// soFar says which scripts have passed and which have failed.
func soFar() (said string) {
	passed := 0
	count(func() {
		for _, name := range slices.Sorted(maps.Keys(sat)) {
			if sat[name] {
				said += " " + name
			} else {
				passed++
			}
		}
	})
	return fmt.Sprintf("%s passed, and failed:%s", nScripts(passed), cmp.Or(said, " none"))
}

// number makes a copy of a script, in a folder of its own, in which each word
// has the condition [line:N]. It panics if it cannot.
func number(script string) string {
	archive, err := txtar.ParseFile(script)
	folder, err2 := os.MkdirTemp(os.Getenv("GOTMPDIR"), "exam")
	if err := errors.Join(err, err2); err != nil {
		panic(err)
	}
	lines := strings.SplitAfter(string(archive.Comment), "\n")
	for i, line := range lines {
		if strings.TrimSpace(line) != "" && line[0] != '#' {
			lines[i] = fmt.Sprintf("[line:%d] %s", i+1, line)
		}
	}
	archive.Comment = []byte(strings.Join(lines, ""))
	file := filepath.Join(folder, filepath.Base(script))
	if err := os.WriteFile(file, txtar.Format(archive), 0o666); err != nil {
		panic(err)
	}
	return file
}
