// Reads every byte of a store that nobody has open for writing, and says which files are not as they should
// be.
//  (1) changes nothing; holds the store's lock in common with other readers, if the store has a LOCK file
//  (2) damage is not an error but what the report is about
#pragma once

#include <string>

#include "base/secret_key.h"
#include "store/check_report.h"
#include "store/superblock.h"
#include "store/value_codec.h"

namespace shale {

// Without `key`, of encrypted values only the checksums are looked at, and the report says so.
// E_NO_STORE, E_LOCKED, E_INCOMPATIBLE (a later format, another key), E_IO, CANCELLED. Makes about
// 24 bytes of memory a record of the largest shard, and the size of its largest file.
Status VerifyStore(const std::string& path, const WorkProgress& progress, CheckReport* report,
                   const SecretKey* key = nullptr);

// Shared with salvage. Sizes of all files, for the progress; looks at both superblocks. `superblock` is set
// if one of them is good.
Status SurveyStore(const Fd& dir, const std::string& path, Superblock* superblock, CheckReport* report);
// Reads the values of that store as far as `key` goes, which may be null. E_INCOMPATIBLE: not its key.
Status CodecFor(const std::string& path, const Superblock& superblock, const ValueCipher::StoreId& uuid,
                const SecretKey* key, CheckReport* report, ValueCodec* codec);
// The id in most segment headers: who the store is when no superblock tells.
Status FindStoreId(const Fd& dir, std::array<unsigned char, 16>* uuid);

}   // namespace shale
