package shale

import (
	"runtime"
	"unsafe"

	"shale/internal/cshale"
)

// Flush moves all that is pending into the index and its tables, so that the next Open has nothing to replay.
// Waits for the disk.
func (db *DB) Flush() error {
	r := cshale.CallFlush(db.raw())
	return db.finish(&r)
}

// Sync returns when every write acknowledged before the call would survive power loss. Waits for the disk.
func (db *DB) Sync() error {
	r := cshale.CallSync(db.raw())
	return db.finish(&r)
}

// Stat is one figure by name, see the Stat constants: db.Stat(shale.StatCacheHits). [ErrNotFound]: no such
// name. Never waits for the disk.
func (db *DB) Stat(name string) (int64, error) {
	n, err := cstring("name of the figure", name)
	if err != nil {
		return 0, err
	}
	r := cshale.CallStat(db.raw(), n)
	return r.Number(), db.finish(&r)
}

// Stats is all figures by name. Never waits for the disk.
func (db *DB) Stats() (map[string]int64, error) {
	out := make(map[string]int64)
	for _, info := range StatInfos() {
		value, err := db.Stat(info.Name)
		if err != nil {
			return nil, err
		}
		out[info.Name] = value
	}
	return out, nil
}

// StatsJSON is all figures as one JSON object. Never waits for the disk.
func (db *DB) StatsJSON() (string, error) {
	r := cshale.CallStatsJson(db.raw())
	runtime.KeepAlive(db)
	if err := check(r.Status(), r.Handle()); err != nil {
		return "", err
	}
	defer cshale.MemFree(r.Data())
	return text(r.Data()), nil
}

// StatInfo describes a figure.
type StatInfo struct {
	Name string
	Kind string // "counter", which grows, or "gauge"
	Doc  string
}

// StatInfos asks the library for the figures that it keeps.
func StatInfos() []StatInfo {
	out := make([]StatInfo, cshale.StatCount())
	for i := range out {
		part := func(n int32) unsafe.Pointer { return cshale.CallStatText(i, n) }
		out[i] = StatInfo{Name: text(part(0)), Kind: text(part(1)), Doc: text(part(2))}
	}
	return out
}

// ShardReadOnly reports whether the disk shard 0 <= shard < [DiskShards] had a write error: then it answers
// reads and refuses writes until the store is opened anew. Never waits for the disk.
func (db *DB) ShardReadOnly(shard int) (bool, error) {
	if int(int32(shard)) != shard {
		shard = -1 // refused by the library, as the number itself would be
	}
	r := cshale.CallShardState(db.raw(), int32(shard))
	return r.Number() == flagShardReadOnly, db.finish(&r)
}

// Limits of the library.
const (
	KeyBytesMax   = flagKeyBytesMax   // longest key
	ValueBytesMax = flagValueBytesMax // longest value
	BatchBytesMax = flagBatchBytesMax // keys and values of one batch together
	DiskShards    = flagDiskShards
	MemoryShards  = flagMemoryShards
)
