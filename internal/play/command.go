package play

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"example.com/sockets/internal/programs"
)

// Resolve finds the program of a command, its package if it is `go run`, and the
// files and folders it names: the scripts run in another folder. Quotes hold a
// word with spaces together, and so does a backslash before each. It fails if the
// package does not build, or a file is not there.
func Resolve(command string) (words []string, pkg string, err error) {
	last := 0 // where the last of several commands begins
	for _, at := range wordRE.FindAllStringIndex(command, -1) {
		word := command[at[0]:at[1]]
		if word == "&&" || strings.HasSuffix(word, ";") {
			last = at[1]
		}
		end := len(word) - 1
		if end > 0 && strings.Contains(`'"`, word[:1]) && word[end] == word[0] {
			word = word[1:end]
		}
		words = append(words, strings.ReplaceAll(word, `\ `, " "))
	}
	here, _ := os.Getwd()
	if last > 0 {
		line := fmt.Sprintf(`cd '%s' && %s exec env %s "$@"`, here, command[:last], command[last:])
		return []string{"sh", "-c", line, "sh"}, "", nil
	} else if len(words) > 2 && words[0] == "go" && words[1] == "run" {
		i := 2 + slices.IndexFunc(words[2:], func(word string) bool { return word[0] != '-' })
		pkg = words[i]
		if rel, err := filepath.Rel(here, pkg); filepath.IsAbs(pkg) && err == nil {
			pkg = "./" + rel
		} else if pkg[0] != '.' && !strings.HasSuffix(pkg, ".go") {
			return nil, pkg, fmt.Errorf("go takes %s for a package of its own: write ./%[1]s", pkg)
		}
		program, err := programs.Build(pkg, words[2:i]...)
		return append([]string{program}, words[i+1:]...), words[i], err
	}
	if assignsRE.MatchString(command) {
		words = append([]string{"env"}, words...)
	}
	first := true // of what may be a file
	for i, word := range words {
		path, _ := filepath.Abs(word)
		info, err := os.Stat(path)
		switch {
		case programs.IsFile(path), i > 0 && err == nil && info.IsDir():
			words[i] = path
		case first && err == nil && info.IsDir() && i == 0:
			return nil, "", fmt.Errorf("%s is a folder, no program: perhaps go run %[1]s", word)
		case first && sourceRE.MatchString(word):
			return nil, "", fmt.Errorf("there is no file %s in %s", word, here)
		}
		first = first && (i == 0 || word[0] == '-')
	}
	return words, "", nil
}

var (
	wordRE    = regexp.MustCompile(`'[^']*'|"[^"]*"|(?:\\ |\S)+`)
	assignsRE = regexp.MustCompile(`^\w+=`)
	sourceRE  = regexp.MustCompile(`\.(py|pl|js|mjs|ts|rb|php|lua|java|jar|sh)$`)
)
