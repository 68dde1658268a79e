// What a simulator with one undivided cache and entries of size one found for the same traces and sizes:
// object hit ratio in percent. Its FIFO, LRU and SIEVE agree with libCacheSim's miss counts exactly, its
// S3-FIFO within 2 of 77,041; the W-TinyLFU with a window that finds its size was written from the paper and
// checked against nothing. LFU with dynamic ageing; MIN is the best possible, which knows the future.
#pragma once

#include "trace_file.h"

namespace bench {

enum Policy { kS3Fifo, kWTinyLfu, kCar, kSieve, kLru, kLfu, kFifo, kPolicies };
inline constexpr const char* kPolicyNames[kPolicies] = {"s3fifo", "wtinylfu", "car", "sieve",
                                                        "lru",    "lfu",      "fifo"};

inline constexpr int kSizes = 3;
inline constexpr double kSizePercents[kSizes] = {0.1, 1, 10};   // of the unique keys

struct TraceRow {
  TraceSource source;
  double reference[kSizes][kPolicies];
  double best_possible[kSizes];
};

inline constexpr TraceRow kTraces[] = {
    {{"scarab-recs", "scarab-recs.trace.xz", TraceForm::kRecords64, 1'245'184, 258'368},
     {{22.85, 22.72, 22.17, 20.59, 18.28, 22.05, 16.89},
      {42.75, 42.62, 41.09, 40.83, 34.71, 39.98, 31.84},
      {62.82, 60.95, 62.47, 60.91, 60.60, 62.08, 57.09}},
     {33.87, 53.35, 75.03}},
    {{"web07", "web07.trace.xz", TraceForm::kRecords32, 76'118, 20'484},
     {{22.73, 24.65, 23.21, 22.56, 21.69, 24.73, 21.06},
      {43.81, 42.79, 42.40, 42.20, 39.17, 43.06, 36.32},
      {58.13, 57.46, 58.05, 57.92, 55.67, 57.52, 53.12}},
     {37.26, 53.43, 68.10}},
    {{"orm-busy", "orm-busy.trace.xz", TraceForm::kRecords32, 5'000'000, 76'349},
     {{40.36, 45.61, 50.25, 40.24, 50.27, 48.23, 49.82},
      {75.67, 73.95, 76.64, 70.37, 77.04, 70.64, 75.95},
      {88.88, 88.50, 88.34, 88.11, 88.01, 88.62, 86.79}},
     {60.16, 82.83, 93.31}},
    {{"corda", "corda.trace_vaultservice.gz", TraceForm::kRecords64, 135'702, 90'468},
     {{33.33, 28.33, 33.30, 0.07, 33.33, 33.33, 33.33},
      {33.33, 27.14, 33.30, 0.66, 33.33, 33.33, 33.33},
      {33.33, 33.33, 33.30, 6.67, 33.33, 33.33, 33.33}},
     {33.33, 33.33, 33.33}},
    {{"ibm-docker", "ibm_docker_trace_725k.csv.zst", TraceForm::kLines, 725'242, 121'314},
     {{71.08, 69.37, 70.89, 70.88, 65.34, 70.25, 62.16},
      {77.82, 77.54, 78.00, 77.31, 75.62, 77.12, 73.85},
      {81.68, 80.14, 81.77, 80.66, 82.09, 82.23, 81.39}},
     {74.51, 81.32, 83.27}},
    {{"arc-OLTP", "OLTP.lis.zst", TraceForm::kRanges, 914'145, 186'880},
     {{17.77, 20.94, 18.20, 9.10, 13.77, 18.67, 12.93},
      {46.47, 45.55, 45.55, 40.30, 41.64, 44.63, 36.59},
      {67.78, 65.76, 67.46, 66.66, 66.52, 67.82, 63.34}},
     {35.06, 59.77, 76.21}},
    {{"arc-P3", "P3.lis.zst", TraceForm::kRanges, 3'912'296, 762'543},
     {{0.83, 0.55, 1.06, 0.62, 0.94, 0.94, 0.95},
      {4.03, 3.88, 3.88, 2.86, 1.59, 1.60, 1.60},
      {33.91, 34.20, 32.60, 24.83, 16.81, 24.23, 17.63}},
     {2.67, 10.69, 55.21}},
    {{"cp-w106", "w106.trace.xz", TraceForm::kRecords32, 5'292'456, 275'171},
     {{66.81, 68.61, 66.42, 66.48, 68.37, 67.90, 66.02},
      {81.25, 81.01, 80.13, 80.45, 79.79, 80.79, 77.80},
      {92.17, 92.66, 91.90, 91.64, 91.77, 92.10, 90.22}},
     {73.45, 84.92, 93.95}},
};
inline constexpr int kTraceCount = static_cast<int>(sizeof(kTraces) / sizeof(kTraces[0]));

}   // namespace bench
