// An arena that has a space to itself.
#pragma once

#include "cache/arena.h"
#include "test.h"

inline void InitAlone(shale::Arena* arena, size_t bytes_max) {
  std::shared_ptr<shale::ArenaSpace> space;
  ASSERT_OK(shale::ArenaSpace::Create(1, bytes_max, false, &space));
  arena->Init(std::move(space), 0);
}
