package shale_test

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"shale"
)

// Verbs of the shared cases that load what is missing, and those of administration.

var errOfLoader = &shale.Error{Code: shale.CodeCancelled, Message: "the loader failed"}

func (a *opArgs) loadOptions() (ttl time.Duration, opts []shale.LoadOption) {
	for _, flag := range a.flags {
		if flag == "stale-ok" {
			opts = append(opts, shale.StaleOK())
		} else {
			opts = append(opts, shale.LoadedWith((&opArgs{flags: []string{flag}}).write()...))
		}
	}
	if missing, ok := a.named["missing"]; ok {
		opts = append(opts, shale.RememberMissing(timeToLive(missing)))
	}
	if wait, ok := a.named["wait"]; ok {
		opts = append(opts, shale.WaitAtMost(timeToLive(wait)))
	}
	if hold, ok := a.named["hold"]; ok {
		opts = append(opts, shale.HoldFor(timeToLive(hold)))
	}
	if t, ok := a.named["ttl"]; ok {
		ttl = timeToLive(t)
	}
	return ttl, opts
}

func init() { verbs["load"] = (*caseRun).load } // which runs operations by itself

// load: the rows are what happens while the key is loaded.
func (c *caseRun) load(a *opArgs) outcome {
	loads, complaint, what := int64(0), "", a.at(1)
	ttl, opts := a.loadOptions()
	value, err := c.db.GetOrLoad(a.key(), ttl, func([]byte) ([]byte, error) {
		loads++
		for _, row := range a.rows {
			if err := c.run(operation{testLine: row}); err != nil {
				complaint = err.Error()
			}
		}
		switch {
		case what.kind == 'b':
			return []byte(what.b), nil
		case what.b == "nil":
			return nil, shale.ErrNotFound
		}
		return nil, errOfLoader
	}, opts...)
	r := outcome{err: err, complaint: complaint}
	if err == nil {
		r.results = append(r.results, bytesToken(value))
	}
	r.results = append(r.results, numberToken(loads))
	return r
}

func (c *caseRun) multiLoad(a *opArgs) outcome {
	var keys [][]byte
	loadable := map[string]token{}
	for i := 0; i < len(a.plain); i += 2 {
		keys = append(keys, a.bytes(i))
		loadable[a.at(i).b] = a.at(i + 1)
	}
	loads := int64(0)
	ttl, opts := a.loadOptions()
	values, err := c.db.GetMultiOrLoad(keys, ttl, func(missing [][]byte) (out [][]byte, err error) {
		for _, key := range missing {
			loads++
			switch value := loadable[string(key)]; {
			case value.kind == 'b':
				out = append(out, []byte(value.b))
			case value.b == "nil":
				out = append(out, nil)
			default:
				return nil, errOfLoader
			}
		}
		return out, nil
	}, opts...)
	r := outcome{err: err}
	for _, v := range values {
		if v == nil {
			r.results = append(r.results, wordToken("nil"))
		} else {
			r.results = append(r.results, bytesToken(v))
		}
	}
	r.results = append(r.results, numberToken(loads))
	return r
}

// removals polls until nothing comes.
func (c *caseRun) removals(a *opArgs) outcome {
	r := outcome{hasRows: true}
	for {
		removals, _, err := c.db.PollRemovals()
		if err != nil || len(removals) == 0 {
			r.err = err
			return r
		}
		for _, removal := range removals {
			r.rows = append(r.rows, []token{bytesToken(removal.Key), bytesToken([]byte(removal.Reason.String()))})
		}
	}
}

func (c *caseRun) prometheus(a *opArgs) outcome {
	text, err := c.db.Prometheus()
	for _, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(line, a.at(0).b+" ") {
			n, err := strconv.ParseFloat(line[len(a.at(0).b)+1:], 64)
			return withNumber(int64(n), err)
		}
	}
	if err == nil {
		err = shale.ErrNotFound
	}
	return failed(err)
}

func (c *caseRun) verify(a *opArgs) outcome {
	calls := 0
	report, err := shale.Verify(c.dir, func(done, total int64) bool {
		calls++
		return done >= 0 && done <= total
	})
	if err != nil {
		return failed(err)
	}
	if calls == 0 || report.Good != (report.Problems == 0) || report.FileCount != int64(len(report.Files)) {
		return outcome{complaint: fmt.Sprintf("%d calls of progress, report %s", calls, report.JSON)}
	}
	return withNumber(report.Problems, nil)
}

// salvage leaves nothing behind but what it says.
func (c *caseRun) salvage(a *opArgs) outcome {
	saved, err := shale.Salvage(c.dir, c.dir+".saved", nil)
	if err != nil {
		return failed(err)
	}
	if _, statErr := os.Stat(c.dir + ".saved"); statErr != nil {
		return outcome{complaint: statErr.Error()}
	}
	if err := shale.Destroy(c.dir + ".saved"); err != nil {
		return failed(errors.New("destroy of what was salvaged: " + err.Error()))
	}
	numbers := []token{numberToken(saved.Recovered), numberToken(saved.Suspicious), numberToken(saved.Dropped)}
	return outcome{results: numbers}
}
