package shale_test

import "shale"

// Verbs of the shared cases on ranges of keys as wholes.

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
