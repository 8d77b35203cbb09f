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

// programs returns the files of all programs in Go.
func programs(tree fs.FS) []string {
	stages, _ := fs.Glob(tree, "[0-9][0-9]-*/*/*.go")
	others, _ := fs.Glob(tree, "testdata/*/*/*.go")
	return append(stages, others...)
}

// bases returns which file each file of a program is built on: what a step in
// the text says, or that of the program which it replaces.
func bases(tree fs.FS) map[string]string {
	on := map[string]string{}
	for _, file := range programs(tree) {
		main, _ := fs.ReadFile(tree, path.Dir(file)+"/main.go")
		if m := replacesRE.FindSubmatch(main); m != nil {
			on[file] = path.Join(string(m[1]), path.Base(file))
		}
	}
	for _, b := range Read(tree, "tutorial.md").blocks {
		if words := strings.Fields(b.label); len(words) == 3 && words[0] == "diff" {
			on[words[2]] = words[1]
		}
	}
	return on
}

// Carry takes what has changed in a program since the last commit to those that
// are built on it, and so on: by a merge of git, or else line by line. It returns
// the files that need a hand for it.
func Carry() (hand []string) {
	on := bases(os.DirFS("."))
	folder, _ := os.MkdirTemp("", "carry")
	defer os.RemoveAll(folder)
	var carry func(file string)
	carry = func(file string) {
		base, ok := on[file]
		if !ok {
			return
		}
		delete(on, file)
		carry(base)
		was, err1 := exec.Command("git", "show", "HEAD:./"+base).Output()
		now, err2 := os.ReadFile(base)
		mine, err3 := os.ReadFile(file)
		if errors.Join(err1, err2, err3) != nil || string(was) == string(now) {
			return
		}
		os.WriteFile(folder+"/was", was, 0o666)
		out, err := exec.Command("git", "merge-file", "-p", file, folder+"/was", base).Output()
		merged, ok := string(out), err == nil
		if !ok {
			merged, ok = replace(string(mine), split(was), split(now))
		}
		unseen := exec.Command("git", "diff", "--quiet", "HEAD", "--", file).Run() == nil
		if !ok && unseen {
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

// replace returns a file with the lines that have changed in its base, each where
// it stands once, however far it is indented. If it does not, the file goes its own way.
func replace(file string, was, now []string) (replaced string, ok bool) {
	for i, line := range was {
		if len(was) != len(now) {
			return "", false
		}
		old, new := "\t"+strings.TrimSpace(line)+"\n", "\t"+strings.TrimSpace(now[i])+"\n"
		if times := strings.Count(file, old); old != new && times > 1 {
			return "", false
		} else if old != new {
			file = strings.Replace(file, old, new, 1)
		}
	}
	return file, true
}
