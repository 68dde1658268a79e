// A value made smaller by zstd, and back. The compressed form says how long the value is, and that is all
// that is ever allocated for it.
//  (1) what is compressed is at least an eighth smaller than the value
//  (2) a value comes back whole or not at all, from any bytes whatsoever
#pragma once

#include "base/bytes.h"
#include "base/status.h"

namespace shale {

// False if it does not pay, and then *out is of no meaning: the value is to be kept as it is. There is no
// test before the attempt, because zstd itself gives up early: DECISIONS.md has the figures.
bool ZipValue(Bytes value, int level, Buffer* out);

// E_CORRUPT if it is no compressed value; *out is replaced.
Status UnzipValue(Bytes zipped, Buffer* out);

}   // namespace shale
