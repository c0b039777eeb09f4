// SPDX-License-Identifier: Apache-2.0
// The latest texts are there, whole and in order, as many as may be; and no forked child has them.
#include <doctest/doctest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <deque>
#include <string>

#include "supervisor/text_ring.h"

using namespace tsc;

namespace {

using Kept = std::deque<std::pair<std::uint64_t, std::string>>;

Kept In(const TextRing& ring) {
  Kept kept;
  ring.ForEach([&](std::uint64_t number, std::string_view text) { kept.emplace_back(number, text); });
  return kept;
}

}  // namespace

TEST_CASE("an empty one has nothing, and forgets nothing") {
  TextRing ring(3, 1000);
  CHECK(!ring.Oldest());
  CHECK(In(ring).empty());
  ring.ForgetOldest();
  CHECK(!ring.Oldest());
}

TEST_CASE("the latest are kept, of any length, as a queue would keep them") {
  TextRing ring(100, 1 << 20);
  Kept expected;
  unsigned random = 1;
  for (std::uint64_t i = 0; i < 5000; ++i) {
    random = random * 1103515245 + 12345;
    const std::size_t length = i % 97 == 0 ? 40'000 + random % 1000 : random / 65536 % 900;
    expected.emplace_back(i * 7, std::string(length, static_cast<char>('a' + i % 26)));
    ring.Add(i * 7, expected.back().second);
    if (expected.size() > 100) expected.pop_front();
    if (i % 50 == 0 && i > 0) {
      ring.ForgetOldest();
      expected.pop_front();
    }
    if (i % 333 != 0) continue;
    CHECK(In(ring) == expected);
    CHECK(ring.Oldest()->number == expected.front().first);
    CHECK(ring.Oldest()->text == expected.front().second);
  }
  while (ring.Oldest()) ring.ForgetOldest();
  CHECK(In(ring).empty());
  ring.Add(1, "again");
  CHECK(In(ring) == Kept{{1, "again"}});
}

TEST_CASE("many bytes are not kept, and what alone is too many is not kept at all") {
  TextRing ring(100, 1000);
  for (std::uint64_t i = 0; i < 10; ++i) ring.Add(i, std::string(284, 'x'));
  CHECK(In(ring).size() == 3);
  CHECK(ring.Oldest()->number == 7);
  ring.Add(10, std::string(984, 'y'));
  CHECK(In(ring) == Kept{{10, std::string(984, 'y')}});
  ring.Add(11, std::string(985, 'z'));
  CHECK(In(ring).empty());
  ring.Add(12, "");
  CHECK(In(ring) == Kept{{12, ""}});
}

TEST_CASE("a forked child does not have them") {
  TextRing ring(3, 1000);
  ring.Add(1, "not for children");
  const char* text = ring.Oldest()->text.data();
  const char* page = text - reinterpret_cast<std::uintptr_t>(text) % 4096;
  const pid_t child = ::fork();
  if (child == 0) {
    unsigned char resident = 0;
    ::_exit(::mincore(const_cast<char*>(page), 4096, &resident) != 0 && errno == ENOMEM ? 0 : 1);
  }
  int status = -1;
  CHECK(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
  CHECK(ring.Oldest()->text == "not for children");
}
