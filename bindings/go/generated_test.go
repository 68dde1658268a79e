package shale

import (
	"strings"
	"testing"

	"shale/internal/cshale"
)

// generated.go says what the library says. (Regenerating it is another test; this one needs nothing but the
// library.)
func TestGeneratedConstants(t *testing.T) {
	want := map[string]int64{
		"CACHE_ONLY": flagCacheOnly, "NO_FILL": flagNoFill, "IF_ABSENT": flagIfAbsent, "IF_PRESENT": flagIfPresent,
		"SYNC": flagSync, "REVERSE": flagReverse, "KEYS_ONLY": flagKeysOnly, "WRITE_AROUND": flagWriteAround,
		"TTL_DEFAULT": flagTTLDefault, "TTL_NEVER": flagTTLNever, "TTL_KEEP": flagTTLKeep,
		"VERSION_ABSENT": VersionAbsent, "KEY_BYTES_MAX": KeyBytesMax, "VALUE_BYTES_MAX": ValueBytesMax,
		"BATCH_BYTES_MAX": BatchBytesMax, "DISK_SHARDS": DiskShards, "MEMORY_SHARDS": MemoryShards,
		"SHARD_OPEN": flagShardOpen, "SHARD_READ_ONLY": flagShardReadOnly, "VERSION_MAJOR": flagVersionMajor,
		"VERSION_MINOR": flagVersionMinor, "VERSION_PATCH": flagVersionPatch, "VERSION_NUMBER": flagVersionNumber,
		"STALE_OK": flagStaleOK, "COPY_FILES": flagCopyFiles, "PREFIX": flagPrefix, "EVENT_EVICTED": flagEventEvicted, "EVENT_EXPIRED": flagEventExpired,
		"EVENT_DELETED": flagEventDeleted, "EVENT_OVERWRITTEN": flagEventOverwritten,
	}
	codes := 0
	for i := 0; i < cshale.ConstantCount(); i++ {
		r := cshale.CallConstantAt(i)
		name := text(r.Data())
		number, known := want[name]
		if !known { // a status
			number = r.Number()
			if Code(number).String() != name {
				t.Errorf("%s is %d, which is called %s", name, number, Code(number))
			}
			codes++
		}
		if number != r.Number() {
			t.Errorf("%s is %d, want %d", name, r.Number(), number)
		}
		terminated, err := cstring("name", name)
		if err != nil {
			t.Fatal(err)
		}
		if byName := cshale.CallConstant(terminated); byName.Status() != 0 || byName.Number() != r.Number() {
			t.Errorf("%s by name is %d", name, byName.Number())
		}
		if got := text(cshale.StatusName(int32(number))); !known && got != name {
			t.Errorf("%s has the name %s", name, got)
		}
	}
	if codes+len(want) != cshale.ConstantCount() || codes < 20 {
		t.Errorf("%d codes and %d others of %d", codes, len(want), cshale.ConstantCount())
	}
}

func TestGeneratedNames(t *testing.T) {
	for _, name := range []string{OptionMemoryBudget, OptionDurability, OptionTTLDefaultMs, OptionOpenCreate} {
		found := false
		for _, o := range Options() {
			found = found || o.Name == name && o.Type != "" && o.Range != "" && o.Doc != ""
		}
		if !found {
			t.Error("no option", name)
		}
	}
	for _, info := range StatInfos() {
		if info.Kind != "counter" && info.Kind != "gauge" || info.Doc == "" || !strings.Contains(info.Name, ".") {
			t.Error(info)
		}
	}
	if r := cshale.CallConstantAt(cshale.ConstantCount()); r.Status() != int32(CodeNotFound) {
		t.Error("a constant past the end")
	}
	if cshale.CallOptionText(1000, 0) != nil || cshale.CallStatText(1000, 0) != nil {
		t.Error("a name past the end")
	}
	if VersionNumber() != flagVersionNumber || !strings.HasPrefix(Version(), "1.") {
		t.Error(Version(), VersionNumber())
	}
}
