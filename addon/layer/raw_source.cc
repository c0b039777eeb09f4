// SPDX-License-Identifier: Apache-2.0
#include "layer/raw_source.h"

#include <unistd.h>

#include "core/paths.h"

namespace tsc {
namespace {

constexpr std::size_t kBuffer = 1 << 20;

}  // namespace

RawSource::RawSource(RawSourceOptions options) : options_(std::move(options)), buffer_(new char[kBuffer]) {}

Result<std::string_view> RawSource::Next() {
  ssize_t n;
  do n = ::read(options_.input, buffer_.get(), kBuffer);
  while (n < 0 && errno == EINTR);
  if (n < 0) return Errno("read layer", "input");
  const std::string_view data(buffer_.get(), static_cast<std::size_t>(n));
  size_ += data.size();
  if (size_ > options_.limit) return Fail("verify size", EBADMSG, "more than " + std::to_string(options_.limit) + " bytes");
  if (options_.hashed) hash_.Update(data);
  if (options_.copy >= 0) {
    auto written = WriteAll(options_.copy, data, "blob");
    if (!written) return Fail("write blob", written.failure().error, "blob");
  }
  if (options_.on_read) options_.on_read(size_);
  return data;
}

}  // namespace tsc
