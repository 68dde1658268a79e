// What the operating system knows about this process: memory, CPU time, limits. Engines run in a process
// each, so these figures belong to one engine.
#pragma once

#include <cstdint>
#include <string>

namespace bench {

// A figure of /proc/self/status in KiB ("VmHWM", "VmRSS", "RssAnon"); -1 if it cannot be read.
int64_t ProcessStatusKib(const char* field);

// User and system time of all threads so far.
double CpuSeconds();

int64_t NowNs();

int CoreCount();

// LevelDB keeps tables open; a soft limit of 1,024 files would measure reopening them. Raised to the hard
// limit.
void RaiseFileLimit();

// Touches memory and gives it back to the system. A virtual machine may hand free memory back to its host, and then the first
// touch of a page costs microseconds (7 to 10 were seen, against 1.5): whoever runs first, or touches more fresh pages, would
// pay for the host's bookkeeping. Done before each engine, for all alike.
void WarmMemory(int64_t mib);

// A new directory below ${TMPDIR:-/tmp}; empty if it cannot be made.
std::string MakeScratchDirectory(std::string* why);

// Removes the directory and writes the file system's dirty pages down, so that the next engine does not pay
// for them.
void RemoveScratchDirectory(const std::string& path);

}   // namespace bench
