package play

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// A Rule is one of those that the tutorial gives for a reader's program.
type Rule struct {
	Number  string   // "2.7"
	Role    string   // "server" or "client" if it is for that one alone
	Scripts []string // that check it: those in brackets
}

var ruleRE = regexp.MustCompile("(?m)^#+ (?:The rules of chapter (\\d)$)?|" +
	"^The (server|client):$|^(\\d+)\\. |`(\\d\\d-[\\w-]+)`")

// Rules are those of the tutorial, in its order.
var Rules = sync.OnceValue(func() (rules []Rule) {
	tutorial, _ := os.ReadFile("tutorial.md")
	chapter, role := "", ""
	for _, m := range ruleRE.FindAllStringSubmatch(string(tutorial), -1) {
		switch {
		case m[0][0] == '#':
			chapter, role = m[1], ""
		case chapter == "":
		case m[2] != "":
			role = m[2]
		case m[3] != "":
			rules = append(rules, Rule{Number: chapter + "." + m[3], Role: role})
		case rules != nil:
			r := &rules[len(rules)-1]
			r.Scripts = append(r.Scripts, m[4])
		}
	}
	return rules
})

// RulesOf returns the numbers of the rules that a script checks in a program of
// this role, or with "" in both.
func RulesOf(script, role string) (numbers []string) {
	for _, r := range Rules() {
		if (r.Role == "" || role == "" || r.Role == role) && slices.Contains(r.Scripts, script) {
			numbers = append(numbers, r.Number)
		}
	}
	return numbers
}

// rule says which rule a script checks.
func (r *sitting) rule() string {
	role := ""
	if r.scene != nil {
		role = r.scene.fate.role
	}
	numbers := RulesOf(r.name, role)
	switch len(numbers) {
	case 0:
		return ""
	case 1:
		return "rule " + numbers[0] + ": "
	}
	return "rules " + strings.Join(numbers, ", ") + ": "
}
