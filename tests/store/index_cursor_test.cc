#include "store/index_cursor.h"

#include <thread>

#include "index_fixture.h"

using namespace shale;        // NOLINT
using namespace shale_test;   // NOLINT

TEST(cursor_keeps_order_and_bounds_both_ways) {
  IndexHome home;
  home.Start(true);
  for (int i = 0; i < 1000; i += 2) {
    ASSERT_OK(home.Put(KeyOf(i), std::to_string(i)));
    if (i % 300 == 0) ASSERT_OK(home.index->Flush());
  }
  std::unique_ptr<IndexCursor> cursor;
  ASSERT_OK(home.index->NewCursor(KeyOf(101), KeyOf(500), false, &cursor));
  int expected = 102;
  for (cursor->SeekToFirst(); cursor->Valid(); cursor->Next(), expected += 2) {
    ASSERT_STR(std::string(cursor->key()), KeyOf(expected));
    ASSERT_STR(std::string(cursor->row()), std::to_string(expected));
  }
  assert_int_equal(expected, 500);
  expected = 498;
  for (cursor->SeekToLast(); cursor->Valid(); cursor->Prev(), expected -= 2) {
    ASSERT_STR(std::string(cursor->key()), KeyOf(expected));
  }
  assert_int_equal(expected, 100);
  const auto at = [&cursor] { return cursor->Valid() ? std::string(cursor->key()) : std::string("none"); };
  cursor->Seek(KeyOf(301));
  ASSERT_STR(at(), KeyOf(302));
  cursor->Prev();
  ASSERT_STR(at(), KeyOf(300));
  cursor->Next();
  ASSERT_STR(at(), KeyOf(302));
  cursor->SeekForPrev(KeyOf(302));
  ASSERT_STR(at(), KeyOf(300));
  cursor->Seek("");
  ASSERT_STR(at(), KeyOf(102));
  cursor->SeekForPrev("z");
  ASSERT_STR(at(), KeyOf(498));
  cursor->SeekForPrev(KeyOf(102));
  ASSERT_STR(at(), "none");
  cursor->Next();   // no effect, no assert
  cursor->Seek(KeyOf(500));
  ASSERT_STR(at(), "none");
  cursor->Prev();
  ASSERT_STR(at(), "none");
  ASSERT_OK(home.index->NewCursor("", "", false, &cursor));
  cursor->SeekToLast();
  ASSERT_STR(at(), KeyOf(998));
  cursor->SeekForPrev("z");
  ASSERT_STR(at(), KeyOf(998));
  ASSERT_OK(home.index->NewCursor("x", "z", false, &cursor));
  for (cursor->SeekToFirst(); cursor->Valid(); cursor->Next()) fail_msg("a row in an empty range");
  cursor->SeekToLast();
  ASSERT_STR(at(), "none");
  cursor.reset();
  home.Close();
}

TEST(cursor_shows_the_index_as_it_was_when_made) {
  IndexHome home;
  home.Start(true);
  for (int i = 0; i < 1000; i++) ASSERT_OK(home.Put(KeyOf(i), "old"));
  std::unique_ptr<IndexCursor> cursor;
  ASSERT_OK(home.index->NewCursor("", "", false, &cursor));
  std::thread writer([&home] {
    for (int round = 0; round < 10; round++) {
      for (int i = 0; i < 1000; i++) {
        IndexBatch batch;
        if (i % 3 == 0) batch.Delete(KeyOf(i));
        if (i % 3 == 1) batch.Put(KeyOf(i), "new" + std::string(60, '.'));
        batch.Put(KeyOf(i + 10'000), "more");
        ASSERT_OK(home.index->Write(&batch));
      }
      ASSERT_OK(home.index->Flush());
    }
  });
  for (int round = 0; round < 20; round++) {
    int i = 0;
    for (cursor->SeekToFirst(); cursor->Valid(); cursor->Next(), i++) {
      ASSERT_STR(std::string(cursor->key()), KeyOf(i));
      ASSERT_STR(std::string(cursor->row()), "old");
    }
    assert_int_equal(i, 1000);
    for (cursor->SeekToLast(); cursor->Valid(); cursor->Prev()) i--;
    assert_int_equal(i, 0);
    ASSERT_OK(cursor->status());
  }
  writer.join();
  cursor.reset();
  ASSERT_STR(home.Get(KeyOf(3)), "NOT_FOUND");
  ASSERT_STR(home.Get(KeyOf(2)), "old");
  home.Close();
}

RUN()
