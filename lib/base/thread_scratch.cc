#include "base/thread_scratch.h"

#include <pthread.h>

#include <new>

namespace shale {

namespace {

struct Entry {
  void** slot;
  void (*free_object)(void*);
  Entry* next;
};

pthread_once_t g_once = PTHREAD_ONCE_INIT;
pthread_key_t g_key;
bool g_key_made = false;

void FreeAll(void* list) {
  for (auto* entry = static_cast<Entry*>(list); entry != nullptr;) {
    Entry* const next = entry->next;
    if (*entry->slot != nullptr) entry->free_object(*entry->slot);
    *entry->slot = nullptr;
    delete entry;
    entry = next;
  }
}

}   // namespace

void AtThreadEnd(void** slot, void (*free_object)(void*)) {
  pthread_once(&g_once, [] { g_key_made = pthread_key_create(&g_key, &FreeAll) == 0; });
  if (!g_key_made) throw std::bad_alloc();   // the process has used up all keys
  auto* const entry = new Entry{slot, free_object, static_cast<Entry*>(pthread_getspecific(g_key))};
  if (pthread_setspecific(g_key, entry) == 0) return;
  delete entry;
  throw std::bad_alloc();
}

}   // namespace shale
