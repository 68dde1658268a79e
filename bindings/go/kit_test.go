package shale_test

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"shale"
)

// TestMain ends with the proof that nothing of the library was left behind, whatever the tests did not close.
func TestMain(m *testing.M) {
	code := m.Run()
	if live := waitForHandles(0); live != 0 {
		fmt.Println("FAIL lifetime: handles left at the end:", live)
		code = 1
	} else {
		fmt.Println("ok lifetime: no handle left at the end")
	}
	os.Exit(code)
}

// waitForHandles collects until no more than want handles live, or it takes too long, and returns how many
// there are.
func waitForHandles(want int64) int64 {
	for i := 0; i < 200 && shale.LiveHandles() > want; i++ {
		runtime.GC()
		time.Sleep(10 * time.Millisecond)
	}
	return shale.LiveHandles()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantErr(t testing.TB, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("%s: %v, want %v", what, err, want)
	}
}

func openMemory(t testing.TB, opts ...shale.Option) *shale.DB {
	t.Helper()
	db, err := shale.OpenMemory(append([]shale.Option{shale.WithMemory("64MiB")}, opts...)...)
	must(t, err)
	t.Cleanup(func() { db.Close() })
	return db
}

func openDisk(t testing.TB, dir string, opts ...shale.Option) *shale.DB {
	t.Helper()
	db, err := shale.Open(dir, append([]shale.Option{shale.WithMemory("32MiB")}, opts...)...)
	must(t, err)
	t.Cleanup(func() { db.Close() })
	return db
}

// bothKinds runs a test on a store in memory and on one with a directory.
func bothKinds(t *testing.T, f func(t *testing.T, db *shale.DB)) {
	t.Run("memory", func(t *testing.T) { f(t, openMemory(t)) })
	t.Run("disk", func(t *testing.T) { f(t, openDisk(t, t.TempDir())) })
}

func key(i int) []byte { return []byte(fmt.Sprintf("key%013d", i)) }

func value(i int) []byte { return []byte(strings.Repeat(fmt.Sprintf("value%d.", i), 10)) }
