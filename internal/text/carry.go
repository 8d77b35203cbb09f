package text

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strings"
)

var replacesRE = regexp.MustCompile(`(?m)^//test:replaces (\S+)$`)

// bases returns which file each file of a program is built on: what a step in
// the text says, or else that of the program which it replaces, or of the stage before.
func bases(tree fs.FS) map[string]string {
	on := map[string]string{}
	for _, pattern := range []string{"0*/*/*.go", "testdata/broken/*/*.go", "testdata/exercises/*/*.go"} {
		files, _ := fs.Glob(tree, pattern)
		for _, file := range files {
			main, _ := fs.ReadFile(tree, path.Dir(file)+"/main.go")
			if m := replacesRE.FindSubmatch(main); m != nil {
				on[file] = path.Join(string(m[1]), path.Base(file))
			}
			for _, c := range Chapters {
				if c.Base != "" && strings.HasPrefix(file, c.Stage) {
					on[file] = strings.Replace(file, c.Stage, c.Base, 1)
				}
			}
		}
	}
	for _, b := range Read(tree, "tutorial.md").blocks {
		if about := strings.Fields(b.label); len(about) == 3 && about[0] == "diff" {
			on[about[2]] = about[1]
		}
	}
	return on
}

// Carry takes what has changed in a program since the last commit to those that
// are built on it, and so on. It returns the files that need a hand for it.
func Carry() (hand []string) {
	on, done := bases(os.DirFS(".")), map[string]bool{}
	var carry func(file string)
	carry = func(file string) {
		base := on[file]
		if done[file] || base == "" {
			return
		}
		done[file] = true
		carry(base)
		was, err1 := exec.Command("git", "show", "HEAD:./"+base).Output()
		now, err2 := os.ReadFile(base)
		mine, err3 := os.ReadFile(file)
		if errors.Join(err1, err2, err3) != nil || string(was) == string(now) {
			return
		}
		merged, ok := merge(file, was, base)
		if !ok {
			merged, ok = replace(string(mine), split(was), split(now))
		}
		if !ok && exec.Command("git", "diff", "--quiet", "HEAD", "--", file).Run() == nil {
			hand = append(hand, file)
		} else if ok && merged != string(mine) {
			os.WriteFile(file, []byte(merged), 0o666)
		}
	}
	for _, file := range slices.Sorted(maps.Keys(on)) {
		carry(file)
	}
	return hand
}

// merge returns a file with what has changed in its base.
func merge(file string, was []byte, base string) (merged string, ok bool) {
	old, err := os.CreateTemp("", "base")
	if err != nil {
		return "", false
	}
	defer os.Remove(old.Name())
	old.Write(was)
	old.Close()
	out, err := exec.Command("git", "merge-file", "-p", file, old.Name(), base).Output()
	return string(out), err == nil
}

// replace returns a file with the lines that have changed in its base, where
// each stands in it once, however far it is indented. A file that has none of
// them goes its own way.
func replace(file string, was, now []string) (replaced string, ok bool) {
	only := func(lines, others []string) (only []string) {
		for _, line := range lines {
			if !slices.Contains(others, line) {
				only = append(only, "\t"+strings.TrimSpace(line)+"\n")
			}
		}
		return only
	}
	gone, come := only(was, now), only(now, was)
	stands := func(line string) bool { return strings.Contains(file, line) }
	if len(gone) > 0 && !slices.ContainsFunc(gone, stands) {
		return file, true
	}
	for i, line := range gone {
		if len(gone) != len(come) || strings.Count(file, line) != 1 {
			return "", false
		}
		file = strings.Replace(file, line, come[i], 1)
	}
	return file, len(gone) > 0
}
