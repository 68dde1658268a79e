package shale

import (
	"context"
	"time"
)

// A goroutine that waits inside the library keeps a thread of the system. So only some do at a time, and not
// for long, so that a context that is done is noticed; the others ask again and again.
const (
	waitersMax   = 32
	waitSlice    = 20 * time.Millisecond
	askAgain     = time.Millisecond
	askAgainMost = 16 * time.Millisecond
)

var waiters = make(chan struct{}, waitersMax)

// patience is how long one call goes on to wait for the loads of others.
type patience struct {
	ctx   context.Context
	most  time.Duration
	since time.Time // of the first wait
	pause time.Duration
}

// next says for how many milliseconds the library may be asked to wait now; waited must follow. 0: some time
// has passed here instead. The error is that of the context, or ErrWouldBlock when the time is over.
func (p *patience) next() (waitMS int64, err error) {
	if p.since.IsZero() {
		p.since, p.pause = time.Now(), askAgain
	}
	if err := p.ctx.Err(); err != nil {
		return 0, err
	}
	left := p.most - time.Since(p.since)
	if left <= 0 {
		return 0, ErrWouldBlock
	}
	select {
	case waiters <- struct{}{}:
		return millis(least(left, waitSlice)), nil
	default:
	}
	timer := time.NewTimer(least(left, p.pause))
	defer timer.Stop()
	p.pause = least(2*p.pause, askAgainMost)
	select {
	case <-timer.C:
		return 0, nil
	case <-p.ctx.Done():
		return 0, p.ctx.Err()
	}
}

// waited gives the place in the library back that a next has taken.
func (p *patience) waited(waitMS int64) {
	if waitMS > 0 {
		<-waiters
	}
}

func least(a, b time.Duration) time.Duration {
	if a < b {
		return a
	}
	return b
}
