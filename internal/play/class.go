package play

import (
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	"example.com/sockets/internal/proc"
)

var (
	classFile = flag.String("class", "", "grade the submissions in this `file`, a line each")
	results   = flag.String("results", "", "write into this `file` which rules are kept")
)

// note writes the file of -results: how the rules of an exam went, so far.
func (e *Exam) note() {
	if *results == "" {
		return
	}
	rules, role := map[string]string{}, "server"
	if Yours(role) == "" {
		role = "client"
	}
	for _, r := range e.scripts {
		numbers, went := RulesOf(r.name, role), cmp.Or(r.went, "not tried")
		if e.Title == "exercise" {
			numbers = []string{r.name}
		}
		for _, number := range numbers { // fail < not tried < pass < skip
			rules[number] = min(cmp.Or(rules[number], went), went)
		}
	}
	data, err := json.Marshal(rules)
	if err = errors.Join(err, os.WriteFile(*results, data, 0o666)); err != nil {
		fmt.Println(err)
	}
}

// A submission is a line of a class's file, and how it went.
type submission struct {
	name, chapter, role, command string            // the chapter may be an exercise
	rules                        map[string]string // as note has written them
	kept                         int
}

var submissionRE = regexp.MustCompile(`^([\pL\pN._-]+)\s+0?([\w-]+)\s+(server|client)\s+(\S.*)$`)

// report is the name of the file with the report.
func (s *submission) report() string { return s.name + "-" + s.chapter + "-" + s.role + ".txt" }

// readClass reads the file of a class. It fails with all that is wrong there.
func readClass(file string) (class []*submission, err error) {
	text, err := os.ReadFile(file)
	for i, line := range strings.Split(string(text), "\n") {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		problem := "it is not NAME CHAPTER server|client COMMAND"
		if m := submissionRE.FindStringSubmatch(line); m != nil {
			s := &submission{name: m[1], chapter: "0" + m[2], role: m[3], command: m[4]}
			chapter, _ := filepath.Glob("testdata/script/" + s.chapter + "-*.txtar")
			exercise, _ := filepath.Glob("testdata/exercises/" + s.chapter)
			same := func(other *submission) bool { return other.report() == s.report() }
			switch {
			case exercise == nil && (chapter == nil || len(s.chapter) > 2):
				problem = "there is no chapter or exercise " + s.chapter
			case exercise != nil && Role(exercise[0]) != s.role:
				problem = s.chapter + " is for a " + Role(exercise[0])
			case slices.ContainsFunc(class, same):
				problem = "another line has this name, chapter and role"
			default:
				problem, class = "", append(class, s)
			}
		}
		if problem != "" {
			err = errors.Join(err, fmt.Errorf("%s:%d: %s", file, i+1, problem))
		}
	}
	return class, err
}

// whole returns the command with the whole paths of what is in a folder. What
// `go run` names is built there, or it says why it cannot be.
func (s *submission) whole(folder, temp string) (command, said string) {
	words := wordRE.FindAllString(s.command, -1)
	if len(words) > 2 && words[0] == "go" && words[1] == "run" {
		program := filepath.Join(temp, "program"+proc.Exe)
		cmd := exec.Command("go", "build", "-o", program, words[2])
		cmd.Dir = folder
		out, err := cmd.CombinedOutput()
		if said = string(out); err == nil {
			words = append([]string{program}, words[3:]...)
		}
	}
	for i, word := range words {
		path := filepath.Join(folder, strings.Trim(word, `'"`))
		if _, err := os.Stat(path); err == nil && !filepath.IsAbs(word) {
			words[i] = "'" + path + "'"
		}
	}
	return strings.Join(words, " "), said
}

// grade plays a submission in a test of its own, and writes its report.
func (s *submission) grade(ctx context.Context, folder, into string) error {
	temp, err := os.MkdirTemp("", "c")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	defer exec.Command("chmod", "-R", "u+rwx", temp).Run()
	defer proc.Sweep()
	if info, err := os.Stat(filepath.Join(folder, s.name)); err == nil && info.IsDir() {
		folder = filepath.Join(folder, s.name)
	}
	command, report := s.whole(folder, temp)
	tests, rules := "^Test"+s.chapter, filepath.Join(temp, "rules")
	if len(s.chapter) > 2 {
		tests = "^TestExercises$/^" + s.chapter + "$"
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	args := []string{"-test.run", tests, "-" + s.role, command, "-results", rules}
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	cmd.Env = append(os.Environ(), "TMPDIR="+temp, "GOTMPDIR="+temp)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	out, _ := cmd.CombinedOutput()
	report += strings.ReplaceAll(string(out[:min(len(out), 1<<16)]), command, s.command)
	data, _ := os.ReadFile(rules)
	json.Unmarshal(data, &s.rules)
	maps.DeleteFunc(s.rules, func(_, how string) bool { return how == "skip" })
	for _, how := range s.rules {
		s.kept += strings.Count(how, "pass")
	}
	return os.WriteFile(filepath.Join(into, s.report()), []byte(report), 0o666)
}

// writeTable writes the table of a class into a folder, as CSV and in Markdown.
func writeTable(class []*submission, into string) error {
	all := map[string]string{}
	for _, s := range class {
		maps.Copy(all, s.rules)
	}
	place := func(number string) int {
		return slices.IndexFunc(Rules(), func(r Rule) bool { return r.Number == number })
	}
	rules := slices.SortedFunc(maps.Keys(all), func(a, b string) int {
		return cmp.Or(place(a)-place(b), strings.Compare(a, b))
	})
	rows := [][]string{append([]string{"name", "chapter", "role", "kept", "of"}, rules...)}
	page := "| " + strings.Join(rows[0], " | ") + " |\n" + strings.Repeat("|---", len(rows[0]))
	for _, s := range class {
		row := []string{s.name, s.chapter, s.role, fmt.Sprint(s.kept), fmt.Sprint(len(s.rules))}
		for _, rule := range rules {
			row = append(row, s.rules[rule])
		}
		rows = append(rows, row)
		page += fmt.Sprintf("|\n| [%s](%s) | %s ", s.name, s.report(), strings.Join(row[1:], " | "))
	}
	var list strings.Builder
	return errors.Join(csv.NewWriter(&list).WriteAll(rows),
		os.WriteFile(filepath.Join(into, "table.csv"), []byte(list.String()), 0o666),
		os.WriteFile(filepath.Join(into, "table.md"), []byte(page+"|\n"), 0o666))
}

// gradeClass grades the submissions of a file, one after the other, and writes
// their table and reports into a folder beside it. It returns the exit status.
func gradeClass(file string) (status int) {
	class, err := readClass(file)
	if flag.Lookup("test.timeout").Value.String() != "0s" {
		err = errors.Join(err, errors.New("a class takes long: add -timeout 0"))
	}
	folder, err2 := filepath.Abs(filepath.Dir(file))
	into := strings.TrimSuffix(file, filepath.Ext(file)) + "-results"
	if err = errors.Join(err, err2); err == nil {
		err = os.MkdirAll(into, 0o777)
	}
	proc.Adopt()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	for i, s := range class {
		if err == nil {
			start := time.Now()
			err = errors.Join(s.grade(ctx, folder, into), writeTable(class, into),
				context.Cause(ctx))
			fmt.Printf("%d of %d  %s  %s %s: %d of %d rules, in %.0f s\n", i+1, len(class), s.name,
				s.chapter, s.role, s.kept, len(s.rules), time.Since(start).Seconds())
		}
	}
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println("the table and the reports are in", into)
	return 0
}
