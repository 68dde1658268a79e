package shale_test

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"shale"
)

func Example() {
	dir, _ := os.MkdirTemp("", "example")
	defer os.RemoveAll(dir)

	db, err := shale.Open(dir, shale.WithMemory("64MiB"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()
	if err := db.Put([]byte("user:1"), []byte("Ada"), shale.TTL(time.Hour)); err != nil {
		fmt.Println(err)
	}
	value, err := db.Get([]byte("user:1"))
	fmt.Printf("%s %v\n", value, err)
	_, err = db.Get([]byte("user:2"))
	fmt.Println(errors.Is(err, shale.ErrNotFound))
	// Output:
	// Ada <nil>
	// true
}

func ExampleDB_GetOrLoad() {
	db, err := shale.OpenMemory(shale.WithMemory("64MiB"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()
	var wg sync.WaitGroup
	for i := 0; i < 10; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			page, err := db.GetOrLoad([]byte("/"), time.Minute, func(path []byte) ([]byte, error) {
				fmt.Printf("loading %s\n", path)
				return []byte("welcome"), nil
			})
			if err != nil || string(page) != "welcome" {
				fmt.Println(err)
			}
		}()
	}
	wg.Wait()
	// Output:
	// loading /
}

func ExampleOpen() {
	_, err := shale.Open("/dev/null", shale.WithMemory("64MiB"))
	var e *shale.Error
	if errors.As(err, &e) {
		fmt.Println(e.Code, e.Code < 0)
	}
	_, err = shale.Open("data", shale.WithMemory("a lot"))
	fmt.Println(errors.Is(err, shale.ErrInvalid))
	// Output:
	// E_INCOMPATIBLE true
	// true
}

func ExampleDB_AppendGet() {
	db, _ := shale.OpenMemory()
	defer db.Close()
	db.PutMulti([][]byte{[]byte("a"), []byte("b")}, [][]byte{[]byte("first"), []byte("second")})

	buf := make([]byte, 0, 1024) // once, for any number of reads
	for _, key := range []string{"a", "b", "c"} {
		var err error
		buf, err = db.AppendGet(buf[:0], []byte(key))
		fmt.Printf("%s %v\n", buf, err)
	}
	// Output:
	// first <nil>
	// second <nil>
	//  shale: NOT_FOUND: no such key
}

func ExampleDB_View() {
	db, _ := shale.OpenMemory()
	defer db.Close()
	db.Put([]byte("page"), []byte("<h1>Hello</h1>"))

	err := db.View([]byte("page"), func(page []byte) error {
		_, err := os.Stdout.Write(page) // no copy on the way
		return err
	})
	fmt.Println(err)
	// Output: <h1>Hello</h1><nil>
}

func ExampleDB_Incr() {
	db, _ := shale.OpenMemory()
	defer db.Close()
	var wg sync.WaitGroup
	for i := 0; i < 10; i++ {
		wg.Add(1)
		go func() {
			defer wg.Done()
			db.Incr([]byte("visits"), 1)
		}()
	}
	wg.Wait()
	total, err := db.Incr([]byte("visits"), 0)
	fmt.Println(total, err)
	// Output: 10 <nil>
}

func ExampleDB_CompareVersionAndSet() {
	db, _ := shale.OpenMemory()
	defer db.Close()
	stock := []byte("stock")
	db.Put(stock, []byte("7 apples"))

	value, version, _ := db.GetVersion(stock)
	db.Put(stock, []byte("6 apples")) // somebody else was faster
	_, err := db.CompareVersionAndSet(stock, version, append(value, ", 2 pears"...))
	fmt.Println(errors.Is(err, shale.ErrMismatch))
	// Output: true
}

func ExampleDB_Expire() {
	db, _ := shale.OpenMemory()
	defer db.Close()
	session := []byte("session:1")
	db.Put(session, []byte("Ada"))
	left, _ := db.TTL(session)
	fmt.Println(left == shale.Never)
	db.Expire(session, 30*time.Minute)
	left, _ = db.TTL(session)
	fmt.Println(left > 29*time.Minute, left <= 30*time.Minute)
	// Output:
	// true
	// true true
}

func ExampleDB_GetMulti() {
	db, _ := shale.OpenMemory()
	defer db.Close()
	db.Put([]byte("a"), []byte("1"))
	values, err := db.GetMulti([][]byte{[]byte("a"), []byte("b")})
	fmt.Printf("%q %v %v\n", values[0], values[1] == nil, err)
	// Output: "1" true <nil>
}

func ExampleBatch() {
	db, _ := shale.OpenMemory()
	defer db.Close()
	db.Put([]byte("from"), []byte("100"))

	b := shale.NewBatch()
	b.Put([]byte("from"), []byte("90"))
	b.Put([]byte("to"), []byte("10"))
	fmt.Println(b.Len(), db.Write(b, shale.Sync)) // both or none, and on the disk
	// Output: 2 <nil>
}

func ExampleDB_Scan() {
	db, _ := shale.OpenMemory()
	defer db.Close()
	for _, name := range []string{"cherry", "apple", "banana", "date"} {
		db.Put([]byte(name), []byte(fmt.Sprint(len(name))))
	}
	c, err := db.Scan([]byte("b"), nil, shale.Limit(2))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	for c.Next() {
		fmt.Printf("%s %s\n", c.Key(), c.Value())
	}
	fmt.Println(c.Err())
	// Output:
	// banana 6
	// cherry 6
	// <nil>
}

func ExampleCursor_Token() {
	db, _ := shale.OpenMemory()
	defer db.Close()
	for i := 1; i <= 5; i++ {
		db.Put([]byte(fmt.Sprint("row", i)), nil)
	}
	page := func(c *shale.Cursor, err error) (token []byte) {
		if err != nil {
			fmt.Println(err)
			return nil
		}
		defer c.Close()
		for i := 0; i < 2 && c.Next(); i++ {
			fmt.Printf("%s\n", c.Key())
		}
		token, _ = c.Token()
		return token
	}
	token := page(db.Scan(nil, nil))
	page(db.Resume(token)) // perhaps in another request, or another process
	// Output:
	// row1
	// row2
	// row3
	// row4
}

func ExampleDB_Snapshot() {
	db, _ := shale.OpenMemory()
	defer db.Close()
	db.Put([]byte("k"), []byte("before"))
	snap, err := db.Snapshot()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer snap.Close()
	db.Put([]byte("k"), []byte("after"))
	was, _ := snap.Get([]byte("k"))
	is, _ := db.Get([]byte("k"))
	fmt.Printf("%s, %s\n", was, is)
	// Output: before, after
}

func ExampleDB_DeleteRange() {
	db, _ := shale.OpenMemory()
	defer db.Close()
	for _, k := range []string{"session:1", "session:2", "user:1"} {
		db.Put([]byte(k), nil)
	}
	err := db.DeleteRange(shale.KeysWithPrefix([]byte("session:")))
	left, _ := db.Count(shale.KeyRange{}, nil)
	fmt.Println(left.Keys, err)
	// Output: 1 <nil>
}

func ExampleDB_Stat() {
	db, _ := shale.OpenMemory()
	defer db.Close()
	db.Put([]byte("k"), nil)
	db.Get([]byte("k"))
	hits, err := db.Stat(shale.StatCacheHits)
	fmt.Println(hits, err)
	// Output: 1 <nil>
}

func ExampleOptions() {
	for _, o := range shale.Options() {
		if o.Name == shale.OptionMemoryBudget {
			fmt.Println(o.Type, o.Default)
		}
	}
	// Output: size 256MiB
}
