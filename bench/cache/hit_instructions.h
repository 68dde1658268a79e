// Instructions of one shale_get_into that finds its key, counted by valgrind's callgrind, which runs this
// program once more.
#pragma once

#include <string>

namespace bench {

// What the program does when it is run that way (argv[1] is kHitsWord): hits and nothing else.
inline constexpr const char* kHitsWord = "--only-hits";
int RunOnlyHits();

// False with a line in *why if there is no valgrind, or it failed.
bool CountHitInstructions(double* instructions, std::string* why);

}   // namespace bench
