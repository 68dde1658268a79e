// What the memory tier has done and holds. Counters of a shard lie under its lock, so a total is exact per
// shard and not a cut over all of them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace shale {

struct CacheStats {
  // Counters.
  uint64_t hits = 0;
  uint64_t misses = 0;             // not here, or here and over
  uint64_t place_hits = 0;         // part of misses: where the value lies below was known
  uint64_t fills = 0;              // loaded from below and installed
  uint64_t fills_rejected = 0;     // loaded from below, but the bucket was written meanwhile
  uint64_t puts = 0;               // installed by a write
  uint64_t passed_puts = 0;        // only the place was kept
  uint64_t install_failures = 0;   // fills and puts for which there was no room
  uint64_t evictions = 0;
  uint64_t expirations = 0;
  uint64_t erasures = 0;     // items and places removed by writes: the sum of the next two
  uint64_t deletions = 0;    // by deletes
  uint64_t overwrites = 0;   // by newer values and deadlines
  uint64_t dropped_events = 0;

  // Gauges, in bytes but for the first.
  size_t items = 0;
  size_t places = 0;            // keys of which only the place is kept
  size_t place_bytes = 0;       // part of `bytes`
  size_t bytes = 0;             // items, tables, ghosts and external values; removed but pinned ones too
  size_t pinned_bytes = 0;      // removed, and kept only for their pins
  size_t external_bytes = 0;    // part of `bytes`
  size_t table_bytes = 0;       // part of `bytes`: tables and ghosts
  size_t committed_bytes = 0;   // most that the tier may have touched; never above capacity
  size_t capacity = 0;
  size_t event_bytes = 0;   // removals that wait to be polled; outside the capacity

  // How evenly the load lies; set by Cache::Stats alone.
  struct Spread {
    uint64_t least = 0;
    uint64_t median = 0;
    uint64_t most = 0;
  };
  Spread shard_items;   // over the memory shards in use
  Spread shard_hits;    // over the disk shards that the keys belong to

  void Add(const CacheStats& other) {
    hits += other.hits;
    misses += other.misses;
    place_hits += other.place_hits;
    fills += other.fills;
    fills_rejected += other.fills_rejected;
    puts += other.puts;
    passed_puts += other.passed_puts;
    install_failures += other.install_failures;
    evictions += other.evictions;
    expirations += other.expirations;
    erasures += other.erasures;
    deletions += other.deletions;
    overwrites += other.overwrites;
    dropped_events += other.dropped_events;
    event_bytes += other.event_bytes;
    items += other.items;
    places += other.places;
    place_bytes += other.place_bytes;
    bytes += other.bytes;
    pinned_bytes += other.pinned_bytes;
    external_bytes += other.external_bytes;
    table_bytes += other.table_bytes;
    committed_bytes += other.committed_bytes;
    capacity += other.capacity;
  }
};

}   // namespace shale
