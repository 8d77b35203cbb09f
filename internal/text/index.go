package text

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// A term in italics, and whose name it is.
var termRE = regexp.MustCompile(`(?:[Ii]n (C and Python|Python and C|Python|C),? ` +
	`(?:that's|it's|it is|this call is) )?\*(\pL[^*.…?]*)\*` +
	`(?: in (C and Python|Python and C|Python|C)\b)?`)

// Terms that are words of every day as well, and used as such before.
var everyday = strings.Fields("block connection ready receives sends type")

// CheckIndex checks the index below "## Index": each term, with the section that
// introduces it, and whose name it is if it is that of C or Python. A term is
// introduced once, and used before only in a table or where a link leads on.
// Titles, and what programs say, are no terms.
func (t *Text) CheckIndex() {
	start := slices.Index(t.lines, "## Index") + 1
	if start == 0 {
		t.problem(0, "there is no heading ## Index")
		return
	}
	headings, anchors := t.anchors()
	all, titles := strings.Join(t.lines, "\n"), []string{}
	for _, heading := range headings {
		titles = append(titles, strings.TrimLeft(heading, "# .0123456789"))
	}
	prose := strings.ReplaceAll(withoutCode(strings.Join(t.prose()[:start-1], "\n")), "**", "")
	words := strings.Split(strings.Map(func(r rune) rune {
		if r == '\n' || r == '-' || unicode.IsLetter(r) {
			return unicode.ToLower(r)
		}
		return ' '
	}, strings.ReplaceAll(prose, "\n", " \n ")), "\n")
	entries, number, section := map[string]string{}, "", -1
	for i, line := range strings.Split(prose, "\n") {
		if strings.HasPrefix(line, "#") && headingRE.MatchString(line) {
			section++
			if first := strings.Fields(line)[1]; first[0] <= '9' {
				number = " " + strings.TrimRight(first, ".")
			} else if strings.HasPrefix(line, "## ") {
				number = ""
			}
			words[i] = ""
		}
		for _, m := range termRE.FindAllStringSubmatch(line, strings.Count(line, "*")/2) {
			term, lower := m[2], strings.ToLower(m[2])
			if slices.Contains(titles, term) || strings.Count(term, " ") > 2 ||
				strings.Contains(all, "\n| `"+lower+"` |") {
				continue
			}
			if entries[lower] != "" {
				t.problem(i, "%s is introduced again", term)
				continue
			}
			if name := cmp.Or(m[1], m[3]); name != "" {
				term += " (" + name + ")"
			}
			entries[lower] = fmt.Sprintf("[%s%s](#%s)", term, number, anchors[section])
			one, many := " "+lower+" ", " "+lower+"s "
			at := slices.IndexFunc(words[:i], func(words string) bool {
				return strings.Contains(words, one) || strings.Contains(words, many)
			})
			if at >= 0 && !slices.Contains(everyday, lower) {
				t.problem(at, "uses %s before line %d introduces it", lower, i+1)
			}
		}
		if strings.HasPrefix(line, "|") {
			words[i] = ""
		}
		if strings.Contains(line, "](#") {
			words[i], words[max(0, i-1)] = "", ""
		}
	}
	letter, want := "", []string{}
	for _, term := range slices.Sorted(maps.Keys(entries)) {
		if term[:1] != letter {
			letter, want = term[:1], append(want, "", entries[term])
		} else {
			want[len(want)-1] += ", " + entries[term]
		}
	}
	end := start
	for end < len(t.lines) && !strings.HasPrefix(t.lines[end], "#") {
		end++
	}
	if end < len(t.lines) {
		want = append(want, "")
	}
	index := &block{label: "the terms", first: start, lines: t.lines[start:end]}
	t.blocks = append(t.blocks, index)
	t.expect(index, want)
}
