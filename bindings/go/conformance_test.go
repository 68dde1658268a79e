package shale_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"testing"

	"shale"
)

// The cases that all languages share. tests/conformance/README.md describes their form.

// token is one word of a case: bytes, a number, or a bare word.
type token struct {
	kind byte // 'b', 'n' or 'w'
	b    string
	n    int64
}

func (t token) String() string {
	switch t.kind {
	case 'b':
		if len(t.b) > 60 {
			return fmt.Sprintf("%q... (%d bytes)", t.b[:60], len(t.b))
		}
		return strconv.Quote(t.b)
	case 'n':
		return strconv.FormatInt(t.n, 10)
	}
	return t.b
}

func bytesToken(b []byte) token   { return token{kind: 'b', b: string(b)} }
func numberToken(n int64) token   { return token{kind: 'n', n: n} }
func wordToken(word string) token { return token{kind: 'w', b: word} }

type testLine struct {
	number int
	words  []string
}

type operation struct {
	testLine
	rows []testLine
}

type testCase struct {
	title   string
	kinds   []string
	options [][2]string
	ops     []operation
}

// splitWords splits at spaces outside of double quotes.
func splitWords(line string) []string {
	var words []string
	word, quoted := "", false
	for i := 0; i < len(line); i++ {
		c := line[i]
		if c == ' ' && !quoted {
			if word != "" {
				words = append(words, word)
			}
			word = ""
			continue
		}
		if c == '"' {
			quoted = !quoted
		}
		word += string(rune(c))
		if c == '\\' && quoted && i+1 < len(line) {
			i++
			word += string(rune(line[i]))
		}
	}
	if word != "" {
		words = append(words, word)
	}
	return words
}

func parseCases(text string) (cases []testCase, err error) {
	var now *testCase
	for i, line := range strings.Split(text, "\n") {
		switch {
		case line == "" || line[0] == '#':
		case strings.HasPrefix(line, "== "):
			cases = append(cases, testCase{title: line[3:], kinds: []string{"memory", "disk"}})
			now = &cases[len(cases)-1]
		case now == nil:
			return nil, fmt.Errorf("line %d is in no case", i+1)
		case strings.HasPrefix(line, "store: "):
			if kind := line[7:]; kind != "both" {
				now.kinds = []string{kind}
			}
		case strings.HasPrefix(line, "option: "):
			words := splitWords(line)
			value, err := parseBytes(words[2])
			if err != nil {
				return nil, err
			}
			now.options = append(now.options, [2]string{words[1], value})
		case strings.HasPrefix(line, "  "):
			last := &now.ops[len(now.ops)-1]
			last.rows = append(last.rows, testLine{i + 1, splitWords(line)})
		default:
			now.ops = append(now.ops, operation{testLine: testLine{i + 1, splitWords(line)}})
		}
	}
	return cases, nil
}

// parseBytes reads "ab"*3+"c".
func parseBytes(s string) (string, error) {
	out := ""
	for s != "" {
		end := 1
		for end < len(s) && s[end] != '"' {
			if s[end] == '\\' {
				end++
			}
			end++
		}
		if end >= len(s) || s[0] != '"' {
			return "", errors.New("not a byte string: " + s)
		}
		part, err := strconv.Unquote(s[:end+1])
		if err != nil {
			return "", err
		}
		s = s[end+1:]
		times := 1
		if strings.HasPrefix(s, "*") {
			digits := strings.SplitN(s[1:], "+", 2)[0]
			if times, err = strconv.Atoi(digits); err != nil {
				return "", err
			}
			s = s[1+len(digits):]
		}
		s = strings.TrimPrefix(s, "+")
		out += strings.Repeat(part, times)
	}
	return out, nil
}

type caseRun struct {
	dir     string
	options []shale.Option
	db      *shale.DB
	cursors map[string]*shale.Cursor
	snaps   map[string]*shale.Snapshot
	vars    map[string]token
}

func (c *caseRun) parse(word string) (token, error) {
	if word[0] == '"' {
		b, err := parseBytes(word)
		return token{kind: 'b', b: b}, err
	}
	if word[0] == '$' {
		t, ok := c.vars[word]
		if !ok {
			return t, errors.New("unknown variable " + word)
		}
		return t, nil
	}
	if n, err := strconv.ParseInt(word, 10, 64); err == nil {
		return numberToken(n), nil
	}
	return wordToken(word), nil
}

func isFlag(word string) bool {
	switch word {
	case "cache-only", "no-fill", "if-absent", "if-present", "sync", "reverse", "keys-only", "write-around", "stale-ok":
		return true
	}
	return false
}

// parseArgs sorts the words after a verb into plain arguments, named ones and flags.
func (c *caseRun) parseArgs(words []string) (*opArgs, error) {
	a := &opArgs{named: map[string]token{}}
	for _, word := range words {
		name, value := "", word
		if eq := strings.IndexByte(word, '='); eq > 0 && word[0] != '"' {
			name, value = word[:eq], word[eq+1:]
		}
		if isFlag(word) {
			a.flags = append(a.flags, word)
			continue
		}
		t, err := c.parse(value)
		if err != nil {
			return nil, err
		}
		if name != "" {
			a.named[name] = t
		} else {
			a.plain = append(a.plain, t)
		}
	}
	return a, nil
}

// expect compares results with what is written behind the status.
func (c *caseRun) expect(want []string, got []token) error {
	for i := 0; len(want) > 0; i++ {
		if i >= len(got) {
			return fmt.Errorf("expected %s, got no more", want[0])
		}
		bound := want[0] == "at-most" || want[0] == "above"
		word := want[0]
		if bound {
			word = want[1]
		}
		if word[0] == '$' && !bound {
			if _, known := c.vars[word]; !known {
				c.vars[word] = got[i]
				want = want[1:]
				continue
			}
		}
		t, err := c.parse(word)
		if err != nil {
			return err
		}
		ok := t == got[i]
		switch want[0] {
		case "at-most":
			ok = got[i].kind == 'n' && got[i].n >= 1 && got[i].n <= t.n
		case "above":
			ok = got[i].kind == 'n' && got[i].n > t.n
		}
		if !ok {
			return fmt.Errorf("expected %s, got %s", strings.TrimSuffix(want[0], word)+" "+t.String(), got[i])
		}
		want = want[1:]
		if bound {
			want = want[1:]
		}
		if len(want) == 0 && i+1 != len(got) {
			return fmt.Errorf("%d results more than expected: %v", len(got)-i-1, got[i+1:])
		}
	}
	return nil
}

func (c *caseRun) expectRows(want []testLine, got [][]token) error {
	for i, line := range want {
		if i >= len(got) {
			return fmt.Errorf("expected %v, got no more rows", line.words)
		}
		if err := c.expect(line.words, got[i]); err != nil {
			return fmt.Errorf("row %d: %w", i+1, err)
		}
	}
	if len(got) > len(want) {
		return fmt.Errorf("expected %d rows, got %d, next is %v", len(want), len(got), got[len(want)])
	}
	return nil
}

// run does one operation and says what differs from what is written.
func (c *caseRun) run(op operation) (err error) {
	defer func() {
		if p := recover(); p != nil {
			which, ok := p.(missingArgument)
			if !ok {
				panic(p)
			}
			err = fmt.Errorf("%s: argument %d is missing", op.words[0], int(which))
		}
	}()
	words, want := op.words[1:], []string{"OK"}
	for i, word := range op.words {
		if word == "->" {
			words, want = op.words[1:i], op.words[i+1:]
			break
		}
	}
	verb := verbs[op.words[0]]
	if verb == nil {
		return errors.New("unknown operation " + op.words[0])
	}
	args, err := c.parseArgs(words)
	if err != nil {
		return err
	}
	args.rows = op.rows
	r := verb(c, args)
	if r.complaint != "" {
		return errors.New(r.complaint)
	}
	status := shale.CodeOf(r.err).String()
	if status != want[0] {
		return fmt.Errorf("expected %s, got %s (%v)", want[0], status, r.err)
	}
	if err := c.expect(want[1:], r.results); err != nil {
		return err
	}
	if r.hasRows {
		return c.expectRows(op.rows, r.rows)
	}
	return nil
}

func (c *caseRun) open(more ...shale.Option) (err error) {
	c.db, err = shale.Open(c.dir, append(append([]shale.Option{}, c.options...), more...)...)
	return err
}

func (c *caseRun) end() {
	for _, cursor := range c.cursors {
		cursor.Close()
	}
	if c.db != nil {
		c.db.Close()
	}
	for _, snap := range c.snaps {
		snap.Close()
	}
	c.db, c.cursors, c.snaps = nil, nil, nil
	if c.dir != "" {
		os.RemoveAll(filepath.Dir(c.dir)) // with the directory that was made for it
	}
}

// fastDirectory is on a file system in memory where there is one: the cases are about what comes back, not
// about disks.
func fastDirectory() string {
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		return "/dev/shm"
	}
	return ""
}

func runCase(file string, tc testCase, kind string) (err error) {
	c := &caseRun{cursors: map[string]*shale.Cursor{}, snaps: map[string]*shale.Snapshot{}, vars: map[string]token{}}
	defer c.end()
	if kind == "disk" {
		if c.dir, err = os.MkdirTemp(fastDirectory(), "shale-conformance"); err != nil {
			return err
		}
		c.dir += "/store"
	}
	c.options = []shale.Option{shale.WithMemory("16MiB")}
	for _, o := range tc.options {
		c.options = append(c.options, shale.WithOption(o[0], o[1]))
	}
	if err := c.open(); err != nil {
		return err
	}
	for _, op := range tc.ops {
		if err := c.run(op); err != nil {
			return fmt.Errorf("%s:%d: %w", file, op.number, err)
		}
	}
	return nil
}

func TestConformance(t *testing.T) {
	folder := os.Getenv("CONFORMANCE_DIR")
	if folder == "" {
		folder = filepath.Join("..", "..", "tests", "conformance")
	}
	files, _ := filepath.Glob(filepath.Join(folder, "*.txt"))
	sort.Strings(files)
	count := 0
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		cases, err := parseCases(string(content))
		if err != nil {
			t.Fatal(file, err)
		}
		name := filepath.Base(file)
		for _, tc := range cases {
			for _, kind := range tc.kinds {
				count++
				if err := runCase(name, tc, kind); err != nil {
					t.Fail()
					fmt.Printf("FAIL conformance: %s: %s (%s): %v\n", name, tc.title, kind, err)
				} else {
					fmt.Printf("ok conformance: %s: %s (%s)\n", name, tc.title, kind)
				}
			}
		}
	}
	if count == 0 {
		if _, err := os.Stat(folder); os.IsNotExist(err) && os.Getenv("CONFORMANCE_DIR") == "" {
			t.Skip("the module was taken without the repository's tests/conformance")
		}
		t.Fatal("no case in", folder)
	}
}
