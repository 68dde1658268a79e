package shale

import (
	"encoding/json"
	"fmt"
	"runtime/cgo"

	"shale/internal/cshale"
)

// SetOption changes an option of the open store, until it is closed: one that is hot, see [Options]. With
// [OptionMemoryBudget] the memory tier becomes larger or smaller, from a quarter to four times of what it was
// opened with. [ErrInvalid] if there is no such option, or it is not hot, or cannot have this value now;
// nothing is changed then. Never waits for the disk.
func (db *DB) SetOption(name, value string) error {
	n, err := cstring("name of the option", name)
	if err != nil {
		return err
	}
	v, err := cstring("option "+name, value)
	if err != nil {
		return err
	}
	r := cshale.CallDbSetOption(db.raw(), n, v)
	return db.finish(&r)
}

// Prometheus is all figures in Prometheus' text format, to be served as "text/plain; version=0.0.4". Never
// waits for the disk.
func (db *DB) Prometheus() (string, error) {
	r := cshale.CallStatsPrometheus(db.raw())
	if err := db.finish(&r); err != nil {
		return "", err
	}
	defer cshale.MemFree(r.Data())
	return text(r.Data()), nil
}

// Progress is told how far long work has come, in bytes: 0 <= done <= total. It is called on the goroutine of
// the call, may use the database, and ends the work by returning false. It must return, or panic.
type Progress func(done, total int64) bool

// withProgress makes a call whose argument stands for a progress function, nil or not. A panic of that ends
// the work, and goes on behind the call: it must not pass through C.
func withProgress(progress Progress, call func(token int64)) {
	if progress == nil {
		call(0)
		return
	}
	var panicked any
	token := cgo.NewHandle(func(done, total int64) (goOn bool) {
		defer func() {
			if p := recover(); p != nil {
				panicked, goOn = p, false
			}
		}()
		return progress(done, total)
	})
	defer token.Delete()
	call(int64(token))
	if panicked != nil {
		panic(panicked)
	}
}

// Reclaim gives back all disk space that can be had now; a store does the same by itself, a little at a time.
// Reads and writes go on meanwhile. progress may be nil. [ErrCancelled] if it asked for the end; what was
// given back by then stays so. Waits for the disk, for as long as it takes to rewrite what is in use.
func (db *DB) Reclaim(progress Progress) (err error) {
	withProgress(progress, func(token int64) {
		r := cshale.CallReclaim(db.raw(), token)
		err = db.finish(&r)
	})
	return err
}

// Report is what [Verify] found out about a store.
type Report struct {
	Problems        int64        `json:"-"` // files that are damaged, missing or suspicious
	Good            bool         `json:"good"`
	ClosedCleanly   bool         `json:"closed_cleanly"`
	DamagedFiles    int64        `json:"damaged_files"`
	SuspiciousFiles int64        `json:"suspicious_files"`
	FileCount       int64        `json:"file_count"`
	Bytes           int64        `json:"bytes"`
	Records         int64        `json:"records"` // valid ones in logs
	Keys            int64        `json:"keys"`    // rows in indexes
	Encrypted       bool         `json:"encrypted"`
	ValuesChecked   bool         `json:"values_checked"` // false if encrypted values were not decrypted
	Files           []FileReport `json:"files"`
	JSON            string       `json:"-"` // all of it, as the library wrote it
}

// FileReport is what Verify found out about one file.
type FileReport struct {
	Name         string    `json:"name"`
	State        string    `json:"state"` // "good", "unused", "suspicious" or "damaged"
	Bytes        int64     `json:"bytes"`
	Records      int64     `json:"records"`
	ProblemCount int64     `json:"problem_count"`
	Problems     []Problem `json:"problems"` // the first 16
}

// Problem is one thing that is wrong with a file. "damaged": bytes are not those that were written, or are
// missing; "suspicious": nothing is known to be lost by it.
type Problem struct {
	Offset   int64  `json:"offset"`
	Severity string `json:"severity"`
	What     string `json:"what"`
}

// Verify reads every byte of the store in the directory path, which nobody may have open for writing, and
// changes nothing. Damage is not an error here: it is in the report. No key and no value is shown. progress
// may be nil; [ErrCancelled] if it asked for the end. Other errors: [ErrNoStore], [ErrLocked],
// [ErrIncompatible], [ErrIO]. Options: [WithKey], of an encrypted store; without it values are not decrypted, and
// the report says so. Waits for the disk.
func Verify(path string, progress Progress, opts ...Option) (*Report, error) {
	p, err := cstring("path", path)
	if err != nil {
		return nil, err
	}
	if source, made := sourceOptions(opts); len(made) > 0 || len(source) != len(opts) {
		return nil, invalid("Verify takes no option but WithKey")
	}
	options, err := makeOptions(opts)
	if err != nil {
		return nil, err
	}
	defer cshale.OptionsFree(options)
	var report *Report
	withProgress(progress, func(token int64) {
		r := cshale.CallVerify(p, options, token)
		if err = check(r.Status(), r.Handle()); err == nil {
			report = &Report{Problems: r.Number()}
			report.JSON, err = takeReport(&r, report)
		}
	})
	if err != nil {
		return nil, err
	}
	return report, nil
}

// Salvaged is what [Salvage] could save.
type Salvaged struct {
	Recovered       int64    `json:"recovered"`  // keys in the new store
	Suspicious      int64    `json:"suspicious"` // of these, not proven to be the newest
	Dropped         int64    `json:"dropped"`    // keys that exist and whose value is lost
	RecoveredBytes  int64    `json:"recovered_bytes"`
	Expired         int64    `json:"expired"`
	Deleted         int64    `json:"deleted"`
	BatchesDropped  int64    `json:"batches_dropped"`
	BatchesInPart   int64    `json:"batches_in_part"`
	UnreadableBytes int64    `json:"unreadable_bytes"`
	DroppedKeysHex  []string `json:"dropped_keys_hex"` // the first 100
	Source          Report   `json:"source"`
	JSON            string   `json:"-"` // all of it, as the library wrote it
}

// Salvage makes a new store in newPath, where nothing may be yet ([ErrExists]), of what can be proven of the
// damaged store in path, which is not changed, and which nobody may have open for writing. The new store
// appears when it is complete and durable. progress may be nil; [ErrCancelled] if it asked for the end. Other
// errors: as [Verify], [ErrNoSpace], [ErrLimit]. Options: [WithKey], which an encrypted store needs, [WithNewKey],
// and any other of the new store. Waits for the disk.
func Salvage(path, newPath string, progress Progress, opts ...Option) (*Salvaged, error) {
	var saved *Salvaged
	err := onTwoStores(path, newPath, opts, progress, func(p, n *byte, options, newOptions uintptr, token int64) error {
		r := cshale.CallSalvage(p, options, n, newOptions, token)
		if err := check(r.Status(), r.Handle()); err != nil {
			return err
		}
		saved = &Salvaged{}
		json, err := takeReport(&r, saved)
		saved.JSON = json
		return err
	})
	if err != nil {
		return nil, err
	}
	return saved, nil
}

// Rewrite makes a new store in newPath, where nothing may be yet ([ErrExists]), of the store in path with other
// options: another key, one where there was none or none where there was one, all values compressed or not. The
// store in path is not changed; remove it with [Destroy] when the new one is in use. It must have been closed
// ([ErrIncompatible]) and be undamaged ([ErrCorrupt]), else there is no new store. Deadlines stay, versions begin
// anew. Returns how many keys were written. progress may be nil; [ErrCancelled] if it asked for the end. Options:
// [WithKey], [WithNewKey], and any other of the new store. Waits for the disk.
func Rewrite(path, newPath string, progress Progress, opts ...Option) (keys int64, err error) {
	err = onTwoStores(path, newPath, opts, progress, func(p, n *byte, options, newOptions uintptr, token int64) error {
		r := cshale.CallRewrite(p, options, n, newOptions, token)
		keys = r.Number()
		return check(r.Status(), r.Handle())
	})
	return keys, err
}

// onTwoStores makes the arguments of a call that makes a new store of another one.
func onTwoStores(path, newPath string, opts []Option, progress Progress,
	call func(path, newPath *byte, options, newOptions uintptr, token int64) error) error {
	p, err := cstring("path", path)
	if err != nil {
		return err
	}
	n, err := cstring("path of the new store", newPath)
	if err != nil {
		return err
	}
	source, made := sourceOptions(opts)
	options, err := makeOptions(source)
	if err != nil {
		return err
	}
	defer cshale.OptionsFree(options)
	newOptions, err := makeOptions(made)
	if err != nil {
		return err
	}
	defer cshale.OptionsFree(newOptions)
	withProgress(progress, func(token int64) { err = call(p, n, options, newOptions, token) })
	return err
}

// takeReport reads the library's report into a struct, and frees it.
func takeReport(r *cshale.Result, into any) (string, error) {
	report := text(r.Data())
	cshale.MemFree(r.Data())
	if err := json.Unmarshal([]byte(report), into); err != nil {
		return "", &Error{Code: CodeInternal, Message: fmt.Sprintf("the report is no JSON: %v", err), Shard: -1}
	}
	return report, nil
}
