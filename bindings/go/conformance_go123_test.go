//go:build go1.23

package shale_test

import "iter"

func init() {
	rangeLoop = func(c *caseRun, a *opArgs) (rows [][]token, err error) {
		var seq iter.Seq2[[]byte, []byte]
		if prefix, ok := a.named["prefix"]; ok {
			seq = c.db.Prefix([]byte(prefix.b), &err, a.scan()...)
		} else {
			seq = c.db.Range([]byte(a.named["from"].b), []byte(a.named["to"].b), &err, a.scan()...)
		}
		for key, value := range seq {
			rows = append(rows, row(key, value, a.keysOnly()))
		}
		return rows, err
	}
}
