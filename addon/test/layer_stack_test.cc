// SPDX-License-Identifier: Apache-2.0
#include "layer/layer_stack.h"

#include <doctest/doctest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>

#include "layer_support.h"

namespace tsc {
namespace {

// A page behind the heap, as another mapping may be there: whoever asks for memory gets it elsewhere, and finds ENOMEM in errno.
class HeapEnds {
 public:
  HeapEnds() {
    const auto page = static_cast<std::uintptr_t>(::getpagesize());
    const auto end = (reinterpret_cast<std::uintptr_t>(::sbrk(0)) + page - 1) / page * page;
    page_ = ::mmap(reinterpret_cast<void*>(end), page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
  }
  ~HeapEnds() {
    if (page_ != MAP_FAILED) ::munmap(page_, static_cast<std::size_t>(::getpagesize()));
  }
  HeapEnds(const HeapEnds&) = delete;

 private:
  void* page_;
};

}  // namespace

TEST_CASE("a directory is listed to its end where the heap cannot grow any more") {
  const test::TempDir box;
  constexpr std::size_t kFiles = 4000;
  const std::string long_name(200, 'n');
  for (std::size_t i = 0; i < kFiles; ++i) UniqueFd(::openat(box.fd(), (long_name + std::to_string(i)).c_str(), O_CREAT | O_WRONLY, 0600));
  const HeapEnds heap;
  const auto names = ListDirectory(box.fd(), "", "list");
  CHECK_MESSAGE(names.ok(), (names.ok() ? "" : names.failure().step));
  if (names.ok()) CHECK(names->size() == kFiles);
}

}  // namespace tsc
