// Command wordcount counts the words of text files with many goroutines at once. The counts are counters in a
// store, so that goroutines need no lock, and with -store they are still there next time, and grow:
//
//	wordcount -top 5 /usr/share/common-licenses/GPL-3
//	wordcount -store /tmp/words book1.txt && wordcount -store /tmp/words book2.txt
package main

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"sort"
	"strconv"
	"sync"
	"unicode"

	"shale"
)

// Counters are kept under this prefix, so that a scan finds all of them and nothing else.
const prefix = "word:"

func main() {
	store := flag.String("store", "", "directory to keep the counts in; none: they live in memory only")
	top := flag.Int("top", 10, "number of words to print")
	workers := flag.Int("workers", 8, "goroutines that count")
	flag.Parse()
	if err := run(*store, *top, *workers, flag.Args(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "wordcount:", err)
		os.Exit(1)
	}
}

func run(store string, top, workers int, files []string, out io.Writer) (err error) {
	if len(files) == 0 || workers < 1 {
		return errors.New("usage: wordcount [-store DIRECTORY] [-top N] [-workers N] FILE...")
	}
	db, err := shale.Open(store, shale.WithMemory("64MiB"))
	if err != nil {
		return err
	}
	defer func() {
		if closeErr := db.Close(); err == nil {
			err = closeErr
		}
	}()
	for _, file := range files {
		if err := countFile(db, file, workers); err != nil {
			return err
		}
	}
	return report(db, top, out)
}

// countFile gives the lines of a file to the workers.
func countFile(db *shale.DB, name string, workers int) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close()
	lines := make(chan []byte, 64)
	results := make(chan error, workers)
	var wg sync.WaitGroup
	for i := 0; i < workers; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			results <- countLines(db, lines)
		}()
	}
	reader := bufio.NewScanner(file)
	reader.Buffer(nil, 1<<20)
	for reader.Scan() {
		lines <- append([]byte(nil), reader.Bytes()...)
	}
	close(lines)
	wg.Wait()
	close(results)
	for err := range results {
		if err != nil {
			return err
		}
	}
	return reader.Err()
}

// countLines adds each word to its counter. Incr is atomic, also between goroutines and processes that come
// later. After an error the lines are still taken, because their sender waits.
func countLines(db *shale.DB, lines <-chan []byte) (err error) {
	key := make([]byte, 0, 256)
	for line := range lines {
		for _, word := range bytes.FieldsFunc(bytes.ToLower(line), func(r rune) bool { return !unicode.IsLetter(r) }) {
			if err == nil {
				_, err = db.Incr(append(append(key[:0], prefix...), word...), 1)
			}
		}
	}
	return err
}

type count struct {
	word string
	n    int64
}

func report(db *shale.DB, top int, out io.Writer) error {
	rows, err := db.ScanPrefix([]byte(prefix))
	if err != nil {
		return err
	}
	defer rows.Close()
	var counts []count
	total := int64(0)
	for rows.Next() {
		n, err := strconv.ParseInt(string(rows.Value()), 10, 64)
		if err != nil {
			return err
		}
		counts = append(counts, count{string(rows.Key()[len(prefix):]), n})
		total += n
	}
	if err := rows.Err(); err != nil {
		return err
	}
	sort.SliceStable(counts, func(i, j int) bool { return counts[i].n > counts[j].n })
	fmt.Fprintf(out, "%d words, %d different\n", total, len(counts))
	for i, c := range counts {
		if i == top {
			break
		}
		fmt.Fprintf(out, "%7d %s\n", c.n, c.word)
	}
	return nil
}
