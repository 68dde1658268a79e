package shale_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"time"

	"shale"
)

type opArgs struct {
	plain []token
	named map[string]token
	flags []string
	rows  []testLine
}

// outcome is what the caller learns from one operation, and what its forms disagree about.
type outcome struct {
	err       error
	results   []token
	rows      [][]token
	hasRows   bool
	complaint string
}

// missingArgument is what a verb panics with that needs more than its line has.
type missingArgument int

func (a *opArgs) at(i int) token {
	if i >= len(a.plain) {
		panic(missingArgument(i + 1))
	}
	return a.plain[i]
}

func (a *opArgs) key() []byte        { return a.bytes(0) }
func (a *opArgs) bytes(i int) []byte { return []byte(a.at(i).b) }
func (a *opArgs) allBytes() (b [][]byte) {
	for i := range a.plain {
		b = append(b, a.bytes(i))
	}
	return b
}

func (a *opArgs) read() (opts []shale.ReadOption) {
	for _, flag := range a.flags {
		opts = append(opts, map[string]shale.ReadOption{"cache-only": shale.CacheOnly, "no-fill": shale.NoFill}[flag])
	}
	return opts
}

func (a *opArgs) write() (opts []shale.WriteOption) {
	for _, flag := range a.flags {
		opts = append(opts, map[string]shale.WriteOption{"if-absent": shale.IfAbsent, "if-present": shale.IfPresent,
			"sync": shale.Sync, "write-around": shale.WriteAround}[flag])
	}
	if ttl, ok := a.named["ttl"]; ok {
		if ttl.b == "keep" {
			opts = append(opts, shale.KeepTTL)
		} else {
			opts = append(opts, shale.TTL(timeToLive(ttl)))
		}
	}
	return opts
}

func (a *opArgs) scan() (opts []shale.ScanOption) {
	for _, flag := range a.flags {
		opts = append(opts, map[string]shale.ScanOption{"reverse": shale.Reverse, "keys-only": shale.KeysOnly}[flag])
	}
	if limit, ok := a.named["limit"]; ok {
		opts = append(opts, shale.Limit(int(limit.n)))
	}
	return opts
}

func (a *opArgs) keysOnly() bool {
	for _, flag := range a.flags {
		if flag == "keys-only" {
			return true
		}
	}
	return false
}

func timeToLive(t token) time.Duration {
	switch {
	case t.b == "never":
		return shale.Never
	case t.b == "default":
		return shale.DefaultTTL
	case t.n > math.MaxInt64/int64(time.Millisecond):
		return math.MaxInt64
	case t.n < math.MinInt64/int64(time.Millisecond):
		return math.MinInt64 + 1
	}
	return time.Duration(t.n) * time.Millisecond
}

func version(t token) int64 {
	if t.b == "absent" {
		return shale.VersionAbsent
	}
	return t.n
}

func failed(err error) outcome { return outcome{err: err} }

func withNumber(n int64, err error) outcome {
	return outcome{err: err, results: []token{numberToken(n)}}
}

var verbs = map[string]func(c *caseRun, a *opArgs) outcome{
	"put":         (*caseRun).put,
	"get":         (*caseRun).get,
	"exists":      (*caseRun).exists,
	"ttl":         (*caseRun).ttl,
	"multi-get":   (*caseRun).multiGet,
	"multi-put":   (*caseRun).multiPut,
	"batch":       (*caseRun).batch,
	"scan":        (*caseRun).scan,
	"iter":        (*caseRun).iter,
	"next":        (*caseRun).next,
	"rows":        (*caseRun).readRows,
	"token":       (*caseRun).token,
	"resume":      (*caseRun).resume,
	"free":        (*caseRun).free,
	"reopen":      (*caseRun).reopen,
	"open-again":  (*caseRun).openAgain,
	"get-and-set": (*caseRun).getAndSet,
	"version-of": func(c *caseRun, a *opArgs) outcome {
		_, v, err := c.db.GetVersion(a.key())
		return withNumber(v, err)
	},
	"delete": func(c *caseRun, a *opArgs) outcome { return failed(c.db.Delete(a.key(), a.write()...)) },
	"compare-and-set": func(c *caseRun, a *opArgs) outcome {
		return failed(c.db.CompareAndSet(a.key(), a.bytes(1), a.bytes(2), a.write()...))
	},
	"compare-version-and-set": func(c *caseRun, a *opArgs) outcome {
		_, err := c.db.CompareVersionAndSet(a.key(), version(a.at(1)), a.bytes(2), a.write()...)
		return failed(err)
	},
	"compare-and-delete": func(c *caseRun, a *opArgs) outcome {
		return failed(c.db.CompareAndDelete(a.key(), a.bytes(1), a.write()...))
	},
	"compare-version-and-delete": func(c *caseRun, a *opArgs) outcome {
		return failed(c.db.CompareVersionAndDelete(a.key(), version(a.at(1)), a.write()...))
	},
	"incr": func(c *caseRun, a *opArgs) outcome { return withNumber(c.db.Incr(a.key(), a.at(1).n, a.write()...)) },
	"decr": func(c *caseRun, a *opArgs) outcome { return withNumber(c.db.Decr(a.key(), a.at(1).n, a.write()...)) },
	"expire": func(c *caseRun, a *opArgs) outcome {
		return failed(c.db.Expire(a.key(), timeToLive(a.at(1)), a.write()...))
	},
	"persist": func(c *caseRun, a *opArgs) outcome { return failed(c.db.Persist(a.key(), a.write()...)) },
	"multi-delete": func(c *caseRun, a *opArgs) outcome {
		return failed(c.db.DeleteMulti(a.allBytes(), a.write()...))
	},
	"flush": func(c *caseRun, a *opArgs) outcome { return failed(c.db.Flush()) },
	"sync":  func(c *caseRun, a *opArgs) outcome { return failed(c.db.Sync()) },
	"stat":  func(c *caseRun, a *opArgs) outcome { return withNumber(c.db.Stat(a.at(0).b)) },
	"option": func(c *caseRun, a *opArgs) outcome {
		value, err := c.db.Option(a.at(0).b)
		return outcome{err: err, results: []token{bytesToken([]byte(value))}}
	},
	"shard-state": func(c *caseRun, a *opArgs) outcome {
		readOnly, err := c.db.ShardReadOnly(int(a.at(0).n))
		if readOnly {
			return withNumber(1, err)
		}
		return withNumber(0, err)
	},
	"close":      func(c *caseRun, a *opArgs) outcome { return failed(c.db.Close()) },
	"destroy":    func(c *caseRun, a *opArgs) outcome { return failed(shale.Destroy(c.dir)) },
	"multi-load": (*caseRun).multiLoad,
	"removals":   (*caseRun).removals,
	"set-option": func(c *caseRun, a *opArgs) outcome { return failed(c.db.SetOption(a.at(0).b, a.at(1).b)) },
	"reclaim":    func(c *caseRun, a *opArgs) outcome { return failed(c.db.Reclaim(nil)) },
	"prometheus": (*caseRun).prometheus,
	"verify":     (*caseRun).verify,
	"salvage":    (*caseRun).salvage,
	"sleep-ms": func(c *caseRun, a *opArgs) outcome {
		time.Sleep(time.Duration(a.at(0).n) * time.Millisecond)
		return outcome{}
	},
}

func (c *caseRun) put(a *opArgs) outcome {
	v, err := c.db.PutVersion(a.key(), a.bytes(1), a.write()...)
	if err == nil {
		if _, found, err := c.db.GetVersion(a.key(), shale.NoFill); err == nil && found != v {
			return outcome{complaint: fmt.Sprintf("PutVersion returned %d, a read %d", v, found)}
		}
	}
	return failed(err)
}

// get reads in every form there is, and they must agree.
func (c *caseRun) get(a *opArgs) outcome {
	value, err := c.db.Get(a.key(), a.read()...)
	same := func(form string, other []byte, otherErr error) string {
		if shale.CodeOf(err) != shale.CodeOf(otherErr) || !bytes.Equal(value, other) {
			return fmt.Sprintf("%s: %d bytes, %v; Get: %d bytes, %v", form, len(other), otherErr, len(value), err)
		}
		return ""
	}
	appended, appendErr := c.db.AppendGet([]byte("before"), a.key(), a.read()...)
	roomy, roomyErr := c.db.AppendGet(make([]byte, 0, 10+len(value)), a.key(), a.read()...)
	into := make([]byte, len(value))
	n, intoErr := c.db.GetInto(a.key(), into, a.read()...)
	var seen []byte
	viewErr := c.db.View(a.key(), func(v []byte) error {
		seen = append(seen, v...)
		return nil
	}, a.read()...)
	versioned, _, versionedErr := c.db.GetVersion(a.key(), a.read()...)
	complaint := same("AppendGet", bytes.TrimPrefix(appended, []byte("before")), appendErr) +
		same("AppendGet with room", roomy, roomyErr) + same("GetInto", into[:n], intoErr) + same("View", seen, viewErr) +
		same("GetVersion", versioned, versionedErr)
	if len(a.flags) == 1 && a.flags[0] == "cache-only" {
		cached, cachedErr := c.db.GetCached(a.key())
		complaint += same("GetCached", cached, cachedErr)
	}
	return outcome{err: err, results: []token{bytesToken(value)}, complaint: complaint}
}

func (c *caseRun) exists(a *opArgs) outcome {
	has, err := c.db.Has(a.key(), a.read()...)
	if err == nil && !has {
		err = shale.ErrNotFound
	}
	return failed(err)
}

func (c *caseRun) ttl(a *opArgs) outcome {
	left, err := c.db.TTL(a.key(), a.read()...)
	if left == shale.Never {
		return outcome{err: err, results: []token{wordToken("never")}}
	}
	return withNumber(int64(left/time.Millisecond), err)
}

func (c *caseRun) getAndSet(a *opArgs) outcome {
	old, existed, err := c.db.GetAndSet(a.key(), a.bytes(1), a.write()...)
	if err == nil && !existed {
		return failed(shale.ErrNotFound)
	}
	return outcome{err: err, results: []token{bytesToken(old)}}
}

func (c *caseRun) multiGet(a *opArgs) outcome {
	keys := a.allBytes()
	values, err := c.db.GetMulti(keys, a.read()...)
	missed := map[int]bool{}
	if errors.Is(err, shale.ErrWouldBlock) {
		cached, indexes, cachedErr := c.db.GetMultiCached(keys)
		if len(cached) != len(values) {
			return outcome{complaint: "GetMulti and GetMultiCached differ"}
		}
		for _, i := range indexes {
			missed[i] = true
		}
		err = cachedErr
	}
	r := outcome{err: err}
	for i, v := range values {
		switch {
		case missed[i]:
			r.results = append(r.results, wordToken("would-block"))
		case v == nil:
			r.results = append(r.results, wordToken("nil"))
		default:
			r.results = append(r.results, bytesToken(v))
		}
	}
	return r
}

func (c *caseRun) multiPut(a *opArgs) outcome {
	var keys, values [][]byte
	for i := 0; i+1 < len(a.plain); i += 2 {
		keys, values = append(keys, a.bytes(i)), append(values, a.bytes(i+1))
	}
	return failed(c.db.PutMulti(keys, values, a.write()...))
}

func (c *caseRun) batch(a *opArgs) outcome {
	b := shale.NewBatch()
	for _, row := range a.rows {
		args, err := c.parseArgs(row.words[1:])
		if err != nil {
			return outcome{complaint: err.Error()}
		}
		if row.words[0] == "delete" {
			b.Delete(args.key())
		} else {
			b.Put(args.key(), args.bytes(1), args.write()...)
		}
	}
	return failed(c.db.Write(b, a.write()...))
}

// rowSource is a store or a snapshot.
type rowSource interface {
	Scan(from, to []byte, opts ...shale.ScanOption) (*shale.Cursor, error)
	ScanPrefix(prefix []byte, opts ...shale.ScanOption) (*shale.Cursor, error)
	Resume(token []byte) (*shale.Cursor, error)
}

func newCursor(from rowSource, a *opArgs) (*shale.Cursor, error) {
	if prefix, ok := a.named["prefix"]; ok {
		return from.ScanPrefix([]byte(prefix.b), a.scan()...)
	}
	return from.Scan([]byte(a.named["from"].b), []byte(a.named["to"].b), a.scan()...)
}

func row(key, value []byte, keysOnly bool) []token {
	if keysOnly {
		return []token{bytesToken(key)}
	}
	return []token{bytesToken(key), bytesToken(value)}
}

// rangeLoop is the same scan by a range loop, where the language has them.
var rangeLoop func(from rowSource, a *opArgs) ([][]token, error)

func (c *caseRun) scan(a *opArgs) outcome { return scanAll(c.db, a) }

func scanAll(from rowSource, a *opArgs) outcome {
	cursor, err := newCursor(from, a)
	if err != nil {
		return failed(err)
	}
	defer cursor.Close()
	r := outcome{hasRows: true}
	for cursor.Next() {
		r.rows = append(r.rows, row(cursor.Key(), cursor.Value(), a.keysOnly()))
	}
	r.err = cursor.Err()
	if rangeLoop != nil {
		rows, err := rangeLoop(from, a)
		if shale.CodeOf(err) != shale.CodeOf(r.err) || fmt.Sprint(rows) != fmt.Sprint(r.rows) {
			r.complaint = fmt.Sprintf("range loop: %v, %v; Cursor: %v, %v", rows, err, r.rows, r.err)
		}
	}
	return r
}

func (c *caseRun) keepCursor(name string, cursor *shale.Cursor, err error) outcome {
	if err == nil {
		c.cursors[name].Close()
		c.cursors[name] = cursor
	}
	return failed(err)
}

func (c *caseRun) iter(a *opArgs) outcome {
	cursor, err := newCursor(c.db, a)
	return c.keepCursor(a.at(0).b, cursor, err)
}

func (c *caseRun) resume(a *opArgs) outcome {
	cursor, err := c.db.Resume(a.bytes(1))
	return c.keepCursor(a.at(0).b, cursor, err)
}

func (c *caseRun) next(a *opArgs) outcome {
	cursor := c.cursors[a.at(0).b]
	if cursor.Next() {
		return outcome{results: row(cursor.Key(), cursor.Value(), cursor.Value() == nil)}
	}
	if err := cursor.Err(); err != nil {
		return failed(err)
	}
	return failed(&shale.Error{Code: shale.CodeEnd})
}

func (c *caseRun) readRows(a *opArgs) outcome {
	cursor := c.cursors[a.at(0).b]
	r := outcome{hasRows: true}
	for cursor.Next() {
		r.rows = append(r.rows, row(cursor.Key(), cursor.Value(), cursor.Value() == nil))
	}
	r.err = cursor.Err()
	return r
}

func (c *caseRun) token(a *opArgs) outcome {
	t, err := c.cursors[a.at(0).b].Token()
	return outcome{err: err, results: []token{bytesToken(t)}}
}

func (c *caseRun) free(a *opArgs) outcome {
	cursor := c.cursors[a.at(0).b]
	delete(c.cursors, a.at(0).b)
	return failed(cursor.Close())
}

func (c *caseRun) reopen(a *opArgs) outcome {
	if c.db != nil {
		if err := c.db.Close(); err != nil {
			return failed(err)
		}
	}
	var more []shale.Option
	for name, value := range a.named {
		more = append(more, shale.WithOption(name, value.b))
	}
	return failed(c.open(more...))
}

func (c *caseRun) openAgain(a *opArgs) outcome {
	second, err := shale.Open(c.dir)
	if err == nil {
		second.Close()
	}
	return failed(err)
}
