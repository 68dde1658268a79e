package shale_test

import (
	"bytes"
	"fmt"

	"shale"
)

// Verbs of the shared cases on ranges of keys as wholes, and on snapshots.

func (a *opArgs) keyRange() shale.KeyRange {
	if prefix, ok := a.named["prefix"]; ok {
		return shale.KeysWithPrefix([]byte(prefix.b))
	}
	return shale.KeysBetween([]byte(a.named["from"].b), []byte(a.named["to"].b))
}

func withExtent(e shale.Extent, err error) outcome {
	return outcome{err: err, results: []token{numberToken(e.Keys), numberToken(e.Bytes)}}
}

func init() {
	verbs["delete-range"] = func(c *caseRun, a *opArgs) outcome {
		return failed(c.db.DeleteRange(a.keyRange(), a.write()...))
	}
	verbs["count"] = func(c *caseRun, a *opArgs) outcome {
		return withExtent(c.db.Count(a.keyRange(), func(done, total int64) bool { return done >= 0 && done <= total }))
	}
	verbs["estimate"] = func(c *caseRun, a *opArgs) outcome { return withExtent(c.db.Estimate(a.keyRange())) }
	verbs["compact"] = func(c *caseRun, a *opArgs) outcome { return failed(c.db.Compact(a.keyRange(), nil)) }
}

func (c *caseRun) snap(a *opArgs) *shale.Snapshot { return c.snaps[a.at(0).b] }

// behind is the arguments without the first, for what takes those of another verb.
func (a *opArgs) behind() *opArgs {
	return &opArgs{plain: a.plain[1:], named: a.named, flags: a.flags, rows: a.rows}
}

func init() {
	verbs["snapshot"] = func(c *caseRun, a *opArgs) outcome {
		snap, err := c.db.Snapshot()
		if err == nil {
			c.snaps[a.at(0).b] = snap
		}
		return failed(err)
	}
	verbs["snapshot-free"] = func(c *caseRun, a *opArgs) outcome { return failed(c.snap(a).Close()) }
	verbs["snapshot-get"] = (*caseRun).snapshotGet
	verbs["snapshot-multi-get"] = func(c *caseRun, a *opArgs) outcome {
		values, err := c.snap(a).GetMulti(a.behind().allBytes())
		r := outcome{err: err}
		for _, v := range values {
			if v == nil {
				r.results = append(r.results, wordToken("nil"))
			} else {
				r.results = append(r.results, bytesToken(v))
			}
		}
		return r
	}
	verbs["snapshot-scan"] = func(c *caseRun, a *opArgs) outcome { return scanAll(c.snap(a), a) }
	verbs["snapshot-iter"] = func(c *caseRun, a *opArgs) outcome {
		cursor, err := newCursor(c.snap(a), a)
		return c.keepCursor(a.at(1).b, cursor, err)
	}
	verbs["snapshot-resume"] = func(c *caseRun, a *opArgs) outcome {
		cursor, err := c.snap(a).Resume(a.bytes(2))
		return c.keepCursor(a.at(1).b, cursor, err)
	}
}

func (c *caseRun) snapshotGet(a *opArgs) outcome {
	value, err := c.snap(a).Get(a.bytes(1))
	appended, appendErr := c.snap(a).AppendGet([]byte("x"), a.bytes(1))
	has, hasErr := c.snap(a).Has(a.bytes(1))
	if shale.CodeOf(appendErr) != shale.CodeOf(err) || !bytes.Equal(appended, append([]byte("x"), value...)) ||
		has != (err == nil) || hasErr != nil && shale.CodeOf(hasErr) != shale.CodeOf(err) {
		return outcome{complaint: fmt.Sprintf("Get %v, AppendGet %v, Has %v %v", err, appendErr, has, hasErr)}
	}
	if err != nil {
		return failed(err)
	}
	return outcome{results: []token{bytesToken(value)}}
}
