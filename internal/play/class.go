package play

import (
	"context"
	"encoding/csv"
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
	"strconv"
	"strings"
	"syscall"
	"time"

	"example.com/sockets/internal/proc"
)

var (
	classFile = flag.String("class", "", "grade the submissions in this `file`, a line each")
	results   = flag.String("results", "", "add to this `file` how each script went")
)

// note adds to the file of -results how a script went: pass, fail, skip, or "not
// tried" before it is.
func (r *sitting) note(went string) {
	if file, err := os.OpenFile(*results, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666); err == nil {
		fmt.Fprintf(file, "%s:%s\n", r.name, went)
		file.Close()
	}
}

// A submission is a line of a class's file.
type submission struct {
	name, chapter, role, command string            // the chapter may be an exercise
	rules                        map[string]string // pass, fail, or "not tried"
	took                         time.Duration
}

var submissionRE = regexp.MustCompile(`^([\pL\pN._-]+)\s+(\S+)\s+(server|client)\s+(\S.*)$`)

// readClass reads the file of a class. It fails with all that is wrong there.
func readClass(file string) (class []*submission, err error) {
	text, err := os.ReadFile(file)
	reports := map[string]bool{}
	for i, line := range strings.Split(string(text), "\n") {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		problem := "not of the form NAME CHAPTER server|client COMMAND"
		if m := submissionRE.FindStringSubmatch(line); m != nil {
			s := &submission{name: m[1], chapter: m[2], role: m[3], command: m[4],
				rules: map[string]string{}}
			if len(s.chapter) == 1 {
				s.chapter = "0" + s.chapter
			}
			exercise, _ := filepath.Glob("testdata/exercises/" + s.chapter)
			chapter, _ := filepath.Glob("testdata/script/" + s.chapter + "-*.txtar")
			switch {
			case exercise == nil && (chapter == nil || len(s.chapter) != 2):
				problem = "there is no chapter or exercise " + s.chapter
			case exercise != nil && Role(exercise[0]) != s.role:
				problem = s.chapter + " is for a " + Role(exercise[0])
			case reports[s.report()]:
				problem = "a second line for the same name, chapter and role"
			default:
				problem = ""
			}
			reports[s.report()] = true
			class = append(class, s)
		}
		if problem != "" {
			err = errors.Join(err, fmt.Errorf("%s:%d: %s", file, i+1, problem))
		}
	}
	return class, err
}

// report is the name of the file with the report.
func (s *submission) report() string { return s.name + "-" + s.chapter + "-" + s.role + ".txt" }

// whole returns the command with whole paths of what is in a folder. A package to
// `go run` is built there, and it says why it cannot be.
func (s *submission) whole(ctx context.Context, folder, temp string) (command, said string) {
	words := wordRE.FindAllString(s.command, -1)
	if len(words) > 2 && words[0] == "go" && words[1] == "run" {
		program := filepath.Join(temp, "program"+proc.Exe)
		cmd := exec.CommandContext(ctx, "go", "build", "-o", program, words[2])
		cmd.Dir = folder
		out, err := cmd.CombinedOutput()
		said = string(out)
		if err == nil {
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
	start := time.Now()
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	self, err := os.Executable()
	temp, err2 := os.MkdirTemp("", "c")
	if err := errors.Join(err, err2); err != nil {
		return err
	}
	defer os.RemoveAll(temp)
	defer exec.Command("chmod", "-R", "u+rwx", temp).Run()
	defer proc.Sweep()
	if info, err := os.Stat(filepath.Join(folder, s.name)); err == nil && info.IsDir() {
		folder = filepath.Join(folder, s.name)
	}
	command, report := s.whole(ctx, folder, temp)
	tests, noted := "^Test"+s.chapter, filepath.Join(temp, "results")
	if len(s.chapter) > 2 {
		tests = "^TestExercises$/^" + s.chapter + "$"
	}
	cmd := exec.CommandContext(ctx, self, "-test.run", tests, "-"+s.role, command, "-results", noted)
	cmd.Env = append(os.Environ(), "TMPDIR="+temp, "GOTMPDIR="+temp)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	out, _ := cmd.CombinedOutput()
	report += strings.ReplaceAll(string(out[:min(len(out), 1<<16)]), command, s.command)
	went := map[string]string{} // by script, in the end
	text, _ := os.ReadFile(noted)
	for _, line := range strings.Split(string(text), "\n") {
		script, how, _ := strings.Cut(line, ":")
		went[script] = how
	}
	for script, how := range went {
		numbers := RulesOf(script, s.role)
		if len(s.chapter) > 2 {
			numbers = []string{s.chapter}
		}
		for _, number := range numbers {
			if before, ok := s.rules[number]; !ok || how < before { // fail < not tried < pass
				s.rules[number] = how
			}
		}
	}
	maps.DeleteFunc(s.rules, func(_, how string) bool { return how == "skip" })
	s.took = time.Since(start)
	return os.WriteFile(filepath.Join(into, s.report()), []byte(report), 0o666)
}

// row is a submission's in the table.
func (s *submission) row(rules []string) []string {
	kept := 0
	for _, how := range s.rules {
		if how == "pass" {
			kept++
		}
	}
	row := []string{s.name, s.chapter, s.role, strconv.Itoa(kept), strconv.Itoa(len(s.rules)),
		fmt.Sprintf("%.0f", s.took.Seconds())}
	for _, number := range rules {
		row = append(row, s.rules[number])
	}
	return row
}

// writeTable writes the table of a class into a folder, as CSV and in Markdown.
func writeTable(class []*submission, into string) error {
	var rules []string
	for _, rule := range Rules() {
		rules = append(rules, rule.Number)
	}
	for _, s := range class {
		if len(s.chapter) > 2 && !slices.Contains(rules, s.chapter) {
			rules = append(rules, s.chapter)
		}
	}
	rules = slices.DeleteFunc(rules, func(rule string) bool {
		return !slices.ContainsFunc(class, func(s *submission) bool { return s.rules[rule] != "" })
	})
	head := append([]string{"name", "chapter", "role", "kept", "of", "seconds"}, rules...)
	rows := [][]string{head}
	page := "| " + strings.Join(head, " | ") + " |\n" + strings.Repeat("|---", len(head)) + "|\n"
	for _, s := range class {
		row := s.row(rules)
		rows = append(rows, row)
		page += fmt.Sprintf("| [%s](%s) | %s |\n", s.name, s.report(), strings.Join(row[1:], " | "))
	}
	var list strings.Builder
	return errors.Join(csv.NewWriter(&list).WriteAll(rows),
		os.WriteFile(filepath.Join(into, "table.csv"), []byte(list.String()), 0o666),
		os.WriteFile(filepath.Join(into, "table.md"), []byte(page), 0o666))
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
			err = errors.Join(s.grade(ctx, folder, into), context.Cause(ctx), writeTable(class, into))
			row := s.row(nil)
			fmt.Printf("%d of %d  %s  %s %s: %s of %s rules, in %s s\n", i+1, len(class), row[0],
				row[1], row[2], row[3], row[4], row[5])
		}
	}
	if err != nil {
		fmt.Println(err)
		return 1
	}
	fmt.Println("the table and the reports are in", into)
	return 0
}
