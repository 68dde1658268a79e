// A small number for each thread, so that what threads count can lie in lines of their own. A number is given
// to one living thread at a time, and again after that thread has ended.
//  (1) 0 < ThreadNumber() < kThreadNumbers: nobody else has it now
//  (2) 0: more threads are alive than there are numbers; shared by all of those
#pragma once

#include <cstdint>

namespace shale {

inline constexpr uint32_t kThreadNumbers = 256;

// 0: none was taken yet. One word of the room that every thread has for libraries loaded late: without a call
// to find it, which would be a twentieth of a read.
[[gnu::tls_model("initial-exec")]] extern constinit thread_local uint32_t thread_number_plus_1;
uint32_t TakeThreadNumber();

inline uint32_t ThreadNumber() {
  const uint32_t number = thread_number_plus_1;
  if (number != 0) [[likely]]
    return number - 1;
  return TakeThreadNumber();
}

}   // namespace shale
