#include "base/racy.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "base/random.h"
#include "base/thread_number.h"
#include "test.h"

using namespace shale;

TEST(copies_of_any_alignment_and_length_equal_memcpy) {
  Random random(TestSeed());
  for (size_t offset = 0; offset < 8; offset++) {
    for (size_t length = 0; length < 70; length++) {
      alignas(8) char memory[96];
      char expected[96];
      char value[80];
      for (char& c : memory) c = static_cast<char>(random.Next());
      for (char& c : value) c = static_cast<char>(random.Next());
      std::memcpy(expected, memory, sizeof memory);
      std::memcpy(expected + 8 + offset, value, length);
      racy::CopyInByWords(memory + 8 + offset, value, length);
      assert_memory_equal(memory, expected, sizeof memory);   // the neighbours are as they were
      char out[80];
      std::memset(out, 'u', sizeof out);
      racy::CopyOutByWords(out, memory + 8 + offset, length);
      assert_memory_equal(out, value, length);
      assert_int_equal(out[length], 'u');
      assert_true(racy::EqualByWords(memory + 8 + offset, value, length));
      assert_true(racy::Equal(memory + 8 + offset, value, length));
      for (size_t other = 0; other < length; other++) {
        value[other] ^= 64;
        assert_false(racy::Equal(memory + 8 + offset, value, length));
        value[other] ^= 64;
      }
      if (length == 0) continue;
      value[random.Below(length)] ^= 1;
      assert_false(racy::EqualByWords(memory + 8 + offset, value, length));
    }
  }
}

TEST(living_threads_have_different_numbers) {
  std::vector<uint32_t> numbers(40);
  std::vector<std::thread> threads;
  std::atomic<int> ready{0};
  for (size_t i = 0; i < numbers.size(); i++) {
    threads.emplace_back([&, i] {
      numbers[i] = ThreadNumber();
      assert_int_equal(ThreadNumber(), numbers[i]);
      ready++;
      while (ready < 40) std::this_thread::yield();
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::sort(numbers.begin(), numbers.end());
  for (size_t i = 0; i < numbers.size(); i++) {
    assert_true(numbers[i] > 0 && numbers[i] < kThreadNumbers);
    assert_true(i == 0 || numbers[i] != numbers[i - 1]);
  }
}

TEST(more_threads_than_numbers_share_the_number_0) {
  for (int round = 0; round < 2; round++) {   // in the second round, the numbers of the first are back
    std::atomic<int> ready{0}, shared{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 300; i++) {
      threads.emplace_back([&] {
        if (ThreadNumber() == 0) shared++;
        ready++;
        while (ready < 300) std::this_thread::yield();
      });
    }
    for (std::thread& thread : threads) thread.join();
    assert_in_range(shared.load(), 300 - kThreadNumbers, 300 - kThreadNumbers + 40);
  }
}

RUN()
