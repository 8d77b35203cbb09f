package text

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A run is a stretch of a file in a block, from its first line to its last.
type run struct {
	lines      []string // in the block
	start, end int      // in the file
	leftOut    string   // the line of the block that stands for what lies before, or ""
}

// A line that stands for lines left out.
var leftOutRE = regexp.MustCompile(`^\s*(//|#) \.\.\.$`)

// runs returns the runs of a block: one, or several with a line between them
// that stands for what is left out.
func (b *block) runs() []*run {
	runs := []*run{{}}
	for _, line := range expand(b.lines) {
		if leftOutRE.MatchString(line) {
			runs = append(runs, &run{leftOut: line})
		} else {
			last := runs[len(runs)-1]
			last.lines = append(last.lines, line)
		}
	}
	return runs
}

// checkRuns checks that blocks are made of runs of lines, in their order, and
// that they show all that is not optional. A line that no block shows belongs to
// the block beside it, if nothing that may be left out lies between.
func (t *Text) checkRuns(file string, lines []string, optional []bool, blocks []*block) {
	var all []*run
	runs := make([][]*run, len(blocks))
	for i, b := range blocks {
		runs[i] = b.runs()
		all = append(all, runs[i]...)
	}
	place(lines, optional, all)
	for i, b := range blocks {
		if slices.ContainsFunc(runs[i], func(r *run) bool {
			return r.start == r.end || len(r.lines) == 0 && len(runs[i]) > 1
		}) {
			t.problem(b.first-1, "%s has nothing like this block at this place", file)
			return
		}
	}
	unshown, left := widen(lines, optional, all)
	if unshown >= 0 {
		t.Problems = append(t.Problems, fmt.Sprintf("%s:%d: no block of %s shows this line: %s%s",
			file, unshown+1, t.name, lines[unshown], apart(file)))
	}
	if left {
		return
	}
	for i, b := range blocks {
		var want []string
		for j, r := range runs[i] {
			switch {
			case j == 0:
			case r.start <= runs[i][j-1].end+1: // one line is not worth leaving out
				r.start = runs[i][j-1].end
			default:
				want = append(want, r.leftOut)
			}
			want = append(want, lines[r.start:r.end]...)
		}
		if line := drifted(expand(b.lines), want); apart(file) != "" && line != "" {
			t.problem(b.first-1, "this line is no longer in both: %s%s", line, apart(file))
			return
		}
		t.expect(b, want)
	}
}

// apart says of two files that they have drifted apart, or nothing of one.
func apart(file string) string {
	if !strings.Contains(file, " and ") {
		return ""
	}
	return "\n" + file + " have drifted apart, or the text has to speak of it"
}

// drifted returns a line that stays in a block's difference, but not in that
// which the block should show, or "".
func drifted(block, want []string) string {
	count := func(lines []string, line string) (n int) {
		for _, l := range lines {
			if l == line {
				n++
			}
		}
		return n
	}
	for _, line := range want {
		stays := " " + line[min(1, len(line)):]
		if line != stays && count(want, line) > count(block, line) && count(want, stays) < count(block, stays) {
			return line
		}
	}
	return ""
}

// place finds where the runs are in the lines, one after the other: first those
// that are right; then, between them, the others.
func place(lines []string, optional []bool, runs []*run) {
	at := 0
	for _, r := range runs {
		size := len(r.lines)
		for i := at; size > 0 && i+size <= len(lines); i++ {
			if slices.Equal(lines[i:i+size], r.lines) {
				r.start, r.end, at = i, i+size, i+size
				break
			}
		}
	}
	at = 0
	for i, r := range runs {
		to := len(lines)
		for _, next := range runs[i+1:] {
			if next.end > 0 {
				to = next.start
				break
			}
		}
		if r.end == 0 && at < to {
			start, end := fit(lines[at:to], optional[at:to], r.lines)
			r.start, r.end = at+start, at+end
		}
		at = max(at, r.end)
	}
}

// fit finds what lies between the first and the last line of a run, or of what
// the lines still have of it. If there are several of these, it takes those
// between which the most is as it was. An empty run is all that must be shown.
func fit(lines []string, optional []bool, run []string) (start, end int) {
	if len(run) == 0 {
		for i := range lines {
			if !optional[i] && end == 0 {
				start = i
			}
			if !optional[i] {
				end = i + 1
			}
		}
		return start, end
	}
	has := func(line string) bool { return slices.Contains(lines, line) }
	first, last := slices.IndexFunc(run, has), len(run)-1
	if first < 0 {
		return 0, 0
	}
	for !has(run[last]) {
		last--
	}
	best := -len(lines) - 1
	for i := range lines {
		for j := i; j < len(lines); j++ {
			if lines[i] != run[first] || lines[j] != run[last] {
				continue
			}
			same := -max(j-i-last+first, last-first-j+i)
			for k := 0; k <= min(j-i, last-first); k++ {
				if lines[i+k] == run[first+k] {
					same++
				}
				if lines[j-k] == run[last-k] {
					same++
				}
			}
			if same > best {
				best, start, end = same, max(0, i-first), min(len(lines), j+len(run)-last)
			}
		}
	}
	return start, end
}

// widen gives each line that must be shown, and is not, to the run before it or
// behind it, if only such lines or blank ones lie between, and takes blank lines
// from the ends of the runs. It returns the first such line, or -1, and whether
// one is left.
func widen(lines []string, optional []bool, runs []*run) (unshown int, left bool) {
	unshown = -1
	owner := make([]*run, len(lines))
	for _, r := range runs {
		for i := r.start; i < r.end; i++ {
			owner[i] = r
		}
	}
	blank := func(i int) bool { return strings.Trim(lines[i], " +-") == "" }
	beside := func(i, step int) *run {
		for ; i >= 0 && i < len(lines) && (!optional[i] || blank(i)); i += step {
			if owner[i] != nil {
				return owner[i]
			}
		}
		return nil
	}
	for i := range lines {
		if optional[i] || owner[i] != nil {
			continue
		}
		if unshown < 0 {
			unshown = i
		}
		if owner[i] = cmp.Or(beside(i, -1), beside(i, 1)); owner[i] == nil {
			return i, true
		}
		owner[i].start, owner[i].end = min(owner[i].start, i), max(owner[i].end, i+1)
	}
	for _, r := range runs {
		for r.start < r.end && optional[r.start] && blank(r.start) {
			r.start++
		}
		for r.start < r.end && optional[r.end-1] && blank(r.end-1) {
			r.end--
		}
	}
	return unshown, false
}
