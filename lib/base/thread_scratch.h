// An object that a thread keeps for itself until it ends: made at its first use there, like a thread_local
// with a destructor, but a thread without memory for it meets std::bad_alloc. (To register such a destructor
// the C library allocates, and where that fails it ends the process.)
//  (1) one object a thread and Tag; gone, with its memory, at the thread's end; made anew if it is used again
//      while the thread is ending
//  (2) the object's destructor uses no other scratch
#pragma once

#include <memory>

namespace shale {

// Calls free_object(*slot) and sets *slot to nullptr at the end of this thread. Throws std::bad_alloc, and
// then nothing was changed.
void AtThreadEnd(void** slot, void (*free_object)(void*));

// Tag: a type that names the use.
template <typename T, typename Tag>
T* ThreadScratch() {
  constinit static thread_local void* slot = nullptr;
  if (slot == nullptr) [[unlikely]] {
    auto made = std::make_unique<T>();
    AtThreadEnd(&slot, [](void* object) { delete static_cast<T*>(object); });
    slot = made.release();
  }
  return static_cast<T*>(slot);
}

}   // namespace shale
