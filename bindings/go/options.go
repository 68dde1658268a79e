package shale

import (
	"fmt"
	"math"
	"time"

	"shale/internal/cshale"
)

// Option is a setting of [Open] and [OpenMemory]. Wrong names and values are found there.
type Option struct {
	name, text string
	number     int64
	isNumber   bool
	key        *secret // not nil: an option without a name
	isNewKey   bool
}

// secret is apart from the Option, so that printing one does not show it.
type secret struct{ bytes []byte }

// WithOption sets any option by name from text: see the Option constants of this package, and [Options],
// which asks the library. Sizes take B, KiB, MiB, GiB, KB, MB, GB.
func WithOption(name, value string) Option { return Option{name: name, text: value} }

// WithOptionInt is WithOption for options that are numbers, sizes (in bytes) or truth values (0 and 1).
func WithOptionInt(name string, value int64) Option {
	return Option{name: name, number: value, isNumber: true}
}

// WithMemory sets how much memory the store may use for everything: "512MiB". The default is 256MiB.
func WithMemory(size string) Option { return WithOption(OptionMemoryBudget, size) }

// WithDurability sets what an acknowledged write survives: [DurabilityOS] (the default), [DurabilityDisk], or
// "interval:<ms>", for which there is [DurabilityInterval].
func WithDurability(durability string) Option { return WithOption(OptionDurability, durability) }

// WithDefaultTTL sets the time to live of keys that are written without one. 0, the default: they do not
// expire.
func WithDefaultTTL(d time.Duration) Option { return WithOptionInt(OptionTTLDefaultMs, millis(d)) }

// WithKey gives the key of a store whose values are encrypted on disk: 32 bytes, random, not a password. A store
// that is created with a key is encrypted from then on, and one created without is not: to open it with another
// key, without one, or with one where there is none is [ErrIncompatible]. A lost key is lost with all values;
// [Rewrite] changes a key. Encrypted are the values, wherever they lie on disk; keys of entries, lengths and times
// are not. The slice is read while the call runs, and no copy of it stays in Go's memory: it can be wiped behind it.
func WithKey(key []byte) Option { return Option{key: &secret{key}} }

// WithNewKey gives the key of the store that [Salvage] and [Rewrite] make, while [WithKey] is for the one they
// read.
func WithNewKey(key []byte) Option { return Option{key: &secret{key}, isNewKey: true} }

// Values for WithDurability.
const (
	DurabilityOS   = "os"   // an acknowledged write survives the death of the process
	DurabilityDisk = "disk" // it survives power loss
)

// DurabilityInterval is DurabilityOS, and at most d later, in whole milliseconds, also power loss is
// survived.
func DurabilityInterval(d time.Duration) string { return fmt.Sprintf("interval:%d", millis(d)) }

// ReadOption is for one read. Options add up.
type ReadOption uint32

const (
	// CacheOnly answers from the memory tier alone and never waits for the disk: [ErrWouldBlock] if that
	// cannot be done.
	CacheOnly ReadOption = flagCacheOnly
	// NoFill leaves the memory tier as it is when the value had to be read from disk.
	NoFill ReadOption = flagNoFill
)

func readFlags(opts []ReadOption) uint32 {
	flags := uint32(0)
	for _, o := range opts {
		flags |= uint32(o)
	}
	return flags
}

// WriteOption is for one write. Options add up; of several times to live the last one counts. Each method
// says which it takes; others are an error.
type WriteOption uint64

// The upper 16 bits are the library's flags, the next two say what the lower 46 are: nothing, milliseconds,
// or the negated special value of the library.
const (
	flagShift         = 48
	ttlMask           = 1<<flagShift - 1
	ttlMillis         = 1 << 46
	ttlSpecial        = 2 << 46
	ttlValue          = 1<<46 - 1
	ttlInvalid        = 3               // what the library refuses
	_          uint16 = flagWriteAround // all flags fit
)

const (
	// IfAbsent writes only when there is no such key, else [ErrExists].
	IfAbsent WriteOption = flagIfAbsent << flagShift
	// IfPresent writes or deletes only when there is such a key, else [ErrNotFound].
	IfPresent WriteOption = flagIfPresent << flagShift
	// Sync returns only when the write would survive power loss.
	Sync WriteOption = flagSync << flagShift
	// WriteAround does not install the value in the memory tier; an older one is removed.
	WriteAround WriteOption = flagWriteAround << flagShift
	// KeepTTL leaves the key the deadline that it has. A new key gets the store's default.
	KeepTTL WriteOption = ttlSpecial | -flagTTLKeep
)

// Times to live that are none.
const (
	DefaultTTL time.Duration = 0             // what the option ttl.default_ms of the store says
	Never      time.Duration = math.MinInt64 // does not expire
)

// TTL gives the key d to live, in whole milliseconds, rounded up; or [DefaultTTL] or [Never]. Any other d of
// 0 or less is an error of the write.
func TTL(d time.Duration) WriteOption {
	ms := millis(d)
	if ms > 0 {
		return ttlMillis | WriteOption(ms)
	}
	return ttlSpecial | WriteOption(-ms)
}

// millis is a time to live as the library takes it.
func millis(d time.Duration) int64 {
	switch {
	case d == Never:
		return flagTTLNever
	case d < 0:
		return -ttlInvalid
	}
	ms := int64(d / time.Millisecond)
	if d%time.Millisecond != 0 {
		ms++
	}
	return ms
}

func writeFlags(opts []WriteOption) (flags uint32, ttlMS int64) {
	ttlMS = flagTTLDefault
	for _, o := range opts {
		flags |= uint32(o >> flagShift)
		switch o & ttlMask &^ ttlValue {
		case ttlMillis:
			ttlMS = int64(o & ttlValue)
		case ttlSpecial:
			ttlMS = -int64(o & ttlValue)
		}
	}
	return flags, ttlMS
}

// noTTL is for the writes that do not take a time to live.
func noTTL(method string, opts []WriteOption) (flags uint32, err error) {
	for _, o := range opts {
		if o&ttlMask != 0 {
			return 0, invalid(method + " takes no time to live as an option")
		}
		flags |= uint32(o >> flagShift)
	}
	return flags, nil
}

// ScanOption is for one ordered read. Options add up; of several limits the last one counts.
type ScanOption int64

const (
	// Reverse goes from the highest key down.
	Reverse ScanOption = flagReverse << flagShift
	// KeysOnly does not read values.
	KeysOnly ScanOption = flagKeysOnly << flagShift
)

// Limit ends after n rows; 0 is no limit, and less is an error.
func Limit(n int) ScanOption {
	if n < 0 {
		return -1
	}
	if n > ttlMask {
		n = ttlMask
	}
	return ScanOption(n)
}

func scanFlags(opts []ScanOption) (flags uint32, limit int64) {
	for _, o := range opts {
		if o < 0 {
			return flags, -1
		}
		flags |= uint32(o >> flagShift)
		if n := int64(o & ttlMask); n != 0 {
			limit = n
		}
	}
	return flags, limit
}

// OptionInfo describes an option.
type OptionInfo struct {
	Name    string
	Type    string // "bool", "int", "size", "text" or "enum"
	Default string
	Range   string // "8MiB..1TiB" or "lru|fifo|s3fifo"
	Hot     bool   // it can be changed while the store is open
	Doc     string
}

// Options asks the library for the options that it knows.
func Options() []OptionInfo {
	out := make([]OptionInfo, cshale.OptionCount())
	for i := range out {
		out[i] = OptionInfo{
			Name:    text(cshale.CallOptionText(i, 0)),
			Type:    text(cshale.CallOptionText(i, 1)),
			Default: text(cshale.CallOptionText(i, 2)),
			Range:   text(cshale.CallOptionText(i, 3)),
			Hot:     cshale.CallOptionHot(i) != 0,
			Doc:     text(cshale.CallOptionText(i, 4)),
		}
	}
	return out
}

// makeOptions makes the library's set of options, which the caller frees.
func makeOptions(opts []Option) (uintptr, error) {
	r := cshale.CallOptionsNew()
	if err := check(r.Status(), 0); err != nil {
		return 0, err
	}
	handle := r.Handle()
	for _, o := range opts {
		if err := setOption(handle, o); err != nil {
			cshale.OptionsFree(handle)
			return 0, err
		}
	}
	return handle, nil
}

// sourceOptions takes apart what is for the store that is read, which is its key only, and for the one that is made.
func sourceOptions(opts []Option) (source, made []Option) {
	for _, o := range opts {
		switch {
		case o.isNewKey:
			made = append(made, Option{key: o.key})
		case o.key != nil:
			source = append(source, o)
		default:
			made = append(made, o)
		}
	}
	return source, made
}

func setKey(handle uintptr, o Option) error {
	if o.isNewKey {
		return invalid("WithNewKey is for Salvage and Rewrite")
	}
	key := o.key.bytes
	if len(key) == 0 {
		return invalid("a key has 32 bytes, not 0") // which would mean "none" to the library
	}
	r := cshale.CallOptionsSetKey(handle, &key[0], len(key))
	return check(r.Status(), r.Handle())
}

func setOption(handle uintptr, o Option) error {
	if o.key != nil {
		return setKey(handle, o)
	}
	name, err := cstring("name of the option", o.name)
	if err != nil {
		return err
	}
	if o.isNumber {
		r := cshale.CallOptionsSetI64(handle, name, o.number)
		return check(r.Status(), r.Handle())
	}
	value, err := cstring("option "+o.name, o.text)
	if err != nil {
		return err
	}
	r := cshale.CallOptionsSet(handle, name, value)
	return check(r.Status(), r.Handle())
}
