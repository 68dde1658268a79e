//go:build go1.23

package shale_test

import (
	"iter"

	"shale"
)

func init() {
	type loopSource interface {
		Range(from, to []byte, err *error, opts ...shale.ScanOption) iter.Seq2[[]byte, []byte]
		Prefix(prefix []byte, err *error, opts ...shale.ScanOption) iter.Seq2[[]byte, []byte]
	}
	rangeLoop = func(from rowSource, a *opArgs) (rows [][]token, err error) {
		var seq iter.Seq2[[]byte, []byte]
		if prefix, ok := a.named["prefix"]; ok {
			seq = from.(loopSource).Prefix([]byte(prefix.b), &err, a.scan()...)
		} else {
			seq = from.(loopSource).Range([]byte(a.named["from"].b), []byte(a.named["to"].b), &err, a.scan()...)
		}
		for key, value := range seq {
			rows = append(rows, row(key, value, a.keysOnly()))
		}
		return rows, err
	}
}
