// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "core/json_reader.h"

using namespace tsc;

TEST_CASE("a number of JSON that has no place among the signed ones is absent") {
  for (const char* text : {"1e300", "-1e300", "9223372036854775808", "18446744073709551615", "-9223372036854777856.0"}) {
    CAPTURE(text);
    CHECK(IntMember(Json{{"n", Json::parse(text)}}, "n", 7) == 7);
  }
  CHECK(IntMember(Json{{"n", -1.9}}, "n", 7) == -1);
  CHECK(IntMember(Json::parse(R"({"n": -9223372036854775808})"), "n") == std::numeric_limits<std::int64_t>::min());
}

TEST_CASE("a number of JSON is the nearest unsigned one") {
  constexpr auto kLargest = std::numeric_limits<std::uint64_t>::max();
  CHECK(UnsignedOf(Json::parse("1e300")) == kLargest);
  CHECK(UnsignedOf(Json::parse("18446744073709552000")) == kLargest);  // what JavaScript makes of 2^64-1
  CHECK(UnsignedOf(Json::parse("18446744073709551615")) == kLargest);
  CHECK(UnsignedOf(Json::parse("-1e300")) == 0);
  CHECK(UnsignedOf(Json::parse("5.9")) == 5);
  CHECK(UnsignedOf(Json()) == 0);
}
