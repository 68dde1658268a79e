// Is this the key of that store? Asked before anything else is done with the store, so that a wrong key is an
// answer and not a store full of values that cannot be read.
#pragma once

#include <string>

#include "base/secret_key.h"
#include "store/superblock.h"

namespace shale {

// E_INCOMPATIBLE if not: a key for a store that has none, none for one that has, or another one. `key` may be
// null.
Status CheckStoreKey(const std::string& path, const Superblock& superblock, const SecretKey* key);

}   // namespace shale
