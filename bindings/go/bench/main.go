// The program bench measures what a call costs from Go beside the same call from C, and prints samples for
// bindings/bench/report: bench C_CALLS [ROUNDS]. Keys of 16 bytes, values of 100, in memory, the same keys in
// the same order as the program in C, which is asked before and after each measure here, so that
// both meet the same machine. A call into C that does nothing has a row of its own: nothing that ends in C is cheaper.
package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"

	"shale"
)

// #include <stddef.h>
// static long long nothing(unsigned char *key, size_t key_len) { (void)key; return (long long)key_len; }
import "C"

const (
	keyCount   = 10000
	stride     = 7919 // no divisor in common with the number of keys
	group      = 100
	valueBytes = 100
	bigCount   = 64
	bigBytes   = 64 << 10
)

type measure struct {
	name    string
	inC     string // empty: C has no such call
	calls   int
	perCall int
	call    func(i int) error
}

type bench struct {
	db     *shale.DB
	keys   [][]byte
	big    [][]byte
	group  [][]byte
	packed [][][]byte
	buf    []byte
	value  []byte
	seen   int
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(args []string) (err error) {
	rounds := 151
	if len(args) > 1 {
		if rounds, err = strconv.Atoi(args[1]); err != nil {
			return err
		}
	}
	if len(args) < 1 || rounds < 1 {
		return fmt.Errorf("usage: bench C_CALLS [ROUNDS]")
	}
	c, err := startC(args[0])
	if err != nil {
		return err
	}
	b, err := fill()
	if err != nil {
		return err
	}
	defer b.db.Close()
	measures := b.measures()
	for round := 0; round <= rounds; round++ { // round 0 warms up
		for _, m := range measures {
			if err := sample(m, c, round > 0); err != nil {
				return fmt.Errorf("%s: %w", m.name, err)
			}
		}
	}
	fmt.Fprintln(os.Stderr, "bytes seen:", b.seen)
	return c.in.Close()
}

func fill() (*bench, error) {
	db, err := shale.OpenMemory(shale.WithMemory("512MiB"))
	if err != nil {
		return nil, err
	}
	b := &bench{db: db, buf: make([]byte, 0, bigBytes), value: make([]byte, valueBytes)}
	for i := 0; i < keyCount; i++ {
		b.keys = append(b.keys, []byte(fmt.Sprintf("key%013d", i)))
		if err := db.Put(b.keys[i], b.value); err != nil {
			return nil, err
		}
	}
	for i := 0; i < bigCount; i++ {
		b.big = append(b.big, []byte(fmt.Sprintf("big%013d", i)))
		if err := db.Put(b.big[i], make([]byte, bigBytes)); err != nil {
			return nil, err
		}
	}
	for i := 0; i < keyCount/group; i++ {
		keys := make([][]byte, group)
		for k := range keys {
			keys[k] = b.key(i*stride + k*stride)
		}
		b.packed = append(b.packed, keys)
	}
	return b, nil
}

func (b *bench) key(at int) []byte { return b.keys[at%keyCount] }

func (b *bench) measures() []measure {
	return []measure{
		{"a call into C that does nothing", "", keyCount, 1, func(i int) error {
			key := b.key(i)
			b.seen += int(C.nothing((*C.uchar)(&key[0]), C.size_t(len(key))))
			return nil
		}},
		{"AppendGet", "get", keyCount, 1, func(i int) (err error) {
			b.buf, err = b.db.AppendGet(b.buf[:0], b.key(i))
			return err
		}},
		{"Get", "get", keyCount, 1, func(i int) error {
			value, err := b.db.Get(b.key(i))
			b.seen += len(value)
			return err
		}},
		{"View", "get", keyCount, 1, func(i int) error {
			return b.db.View(b.key(i), func(value []byte) error { b.seen += len(value); return nil })
		}},
		{"Put", "put", keyCount / 2, 1, func(i int) error { return b.db.Put(b.key(i), b.value) }},
		{"GetMulti of 100, a key", "multi_get_100_per_key", keyCount / group, group, func(i int) error {
			values, err := b.db.GetMulti(b.packed[i%len(b.packed)])
			for _, value := range values {
				b.seen += len(value) + int(value[0])
			}
			return err
		}},
		{"AppendGet of 64 KiB", "get_64k", 500, 1, func(i int) (err error) {
			b.buf, err = b.db.AppendGet(b.buf[:0], b.big[i%bigCount])
			return err
		}},
	}
}

// sample measures here and, before and after, in C; it prints the two with the allocations of a call.
func sample(m measure, c *cProgram, keep bool) error {
	cBefore, err := c.ask(m.inC)
	if err != nil {
		return err
	}
	var before, after runtime.MemStats
	var took time.Duration
	runtime.ReadMemStats(&before)
	for pass := 0; pass < 2; pass++ { // the first warms up
		start := time.Now()
		for i, at := 0, 0; i < m.calls; i, at = i+1, at+stride {
			if err := m.call(at); err != nil {
				return err
			}
		}
		took = time.Since(start)
	}
	runtime.ReadMemStats(&after)
	cAfter, err := c.ask(m.inC)
	if err != nil {
		return err
	}
	inC := "-"
	if m.inC != "" {
		inC = fmt.Sprintf("%.1f", (cBefore+cAfter)/2)
	}
	if keep {
		fmt.Printf("%s\t%.1f\t%s\t%d allocations\n", m.name, float64(took.Nanoseconds())/float64(m.calls*m.perCall), inC,
			(after.Mallocs-before.Mallocs)/uint64(2*m.calls))
	}
	return nil
}

type cProgram struct {
	in  io.WriteCloser
	out *bufio.Reader
}

func startC(path string) (*cProgram, error) {
	command := exec.Command(path, strconv.Itoa(keyCount), strconv.Itoa(valueBytes))
	in, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &cProgram{in, bufio.NewReader(out)}, command.Start()
}

// ask is 0 for a call that C does not have.
func (c *cProgram) ask(name string) (float64, error) {
	if name == "" {
		return 0, nil
	}
	if _, err := fmt.Fprintln(c.in, name); err != nil {
		return 0, err
	}
	line, err := c.out.ReadString('\n')
	if err != nil {
		return 0, err
	}
	return strconv.ParseFloat(strings.TrimSpace(line), 64)
}
