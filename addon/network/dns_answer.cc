// SPDX-License-Identifier: Apache-2.0
#include "network/dns_answer.h"

#include <algorithm>
#include <cctype>

namespace tsc::dns {
namespace {

constexpr std::size_t kHeader = 12, kMostRecords = 256, kMostAliases = 16, kMostAddresses = 64, kMostPointers = 32, kMaxName = 255;
constexpr std::uint16_t kInternet = 1, kAlias = 5, kTruncated = 0x0200, kCode = 0x000f;

struct AnswerRecord {
  std::string owner, data;  // the data of an alias is its name
  std::uint16_t type = 0;
  std::uint32_t ttl = 0;
};

// Reads on and on; once something is missing everything is.
class Reader {
 public:
  Reader(std::string_view packet, std::size_t at) : packet_(packet), at_(at) {}

  bool ok() const { return ok_; }
  std::size_t at() const { return at_; }
  std::uint32_t Number(std::size_t bytes) {
    std::uint32_t number = 0;
    for (const char byte : Bytes(bytes)) number = number << 8 | static_cast<std::uint8_t>(byte);
    return number;
  }
  std::string_view Bytes(std::size_t count) {
    ok_ = ok_ && at_ <= packet_.size() && packet_.size() - at_ >= count;
    if (!ok_) return {};
    at_ += count;
    return packet_.substr(at_ - count, count);
  }
  // As on the wire, in lower case, without pointers; these lead only backwards.
  std::string Name() {
    std::string name;
    std::size_t from = at_, after = 0;
    for (std::size_t pointers = 0; ok_ && pointers < kMostPointers;) {
      Reader here(packet_, from);
      const auto length = here.Number(1);
      if ((length & 0xc0) == 0xc0) {
        const std::size_t target = (length & 0x3f) << 8 | here.Number(1);
        if (pointers++ == 0) after = here.at();
        if (!here.ok() || target >= from) break;
        from = target;
        continue;
      }
      const auto label = here.Bytes(length);
      if (!here.ok() || length > 63 || name.size() + length + 1 > kMaxName) break;
      name.push_back(static_cast<char>(length));
      for (const char c : label) name.push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
      from = here.at();
      if (length > 0) continue;
      at_ = after != 0 ? after : from;
      return name;
    }
    ok_ = false;
    return {};
  }

 private:
  std::string_view packet_;
  std::size_t at_;
  bool ok_ = true;
};

AnswerRecord ReadRecord(Reader* reader, std::string_view packet) {
  AnswerRecord record;
  record.owner = reader->Name();
  record.type = static_cast<std::uint16_t>(reader->Number(2));
  if (reader->Number(2) != kInternet) record.type = 0;
  record.ttl = reader->Number(4);
  if (record.ttl > 0x7fffffff) record.ttl = 0;  // RFC 2181
  const std::size_t size = reader->Number(2), start = reader->at();
  record.data = reader->Bytes(size);
  if (record.type != kAlias || !reader->ok()) return record;
  Reader name(packet, start);
  record.data = name.Name();
  if (!name.ok() || name.at() != start + size) record.type = 0;
  return record;
}

std::optional<IpAddress> AddressIn(const AnswerRecord& record, std::uint16_t type) {
  IpAddress address;
  address.family = type == static_cast<std::uint16_t>(Type::kA) ? AF_INET : AF_INET6;
  if (record.type != type || record.data.size() != address.size()) return std::nullopt;
  std::copy(record.data.begin(), record.data.end(), address.bytes.begin());
  return address;
}

void Follow(std::string name, const std::vector<AnswerRecord>& records, std::uint16_t type, Resolution* resolution) {
  std::uint32_t ttl = 0xffffffff;
  for (std::size_t step = 0; step <= kMostAliases; ++step) {
    const AnswerRecord* alias = nullptr;
    for (const auto& record : records) {
      if (record.owner != name) continue;
      if (record.type == kAlias) alias = &record;
      const auto address = AddressIn(record, type);
      if (address && resolution->addresses.size() < kMostAddresses) resolution->addresses.push_back({*address, std::min(ttl, record.ttl)});
    }
    if (!alias) return;
    ttl = std::min(ttl, alias->ttl);
    name = alias->data;
  }
}

}  // namespace

std::optional<Resolution> ReadResolution(std::string_view answer, const Query& query) {
  Reader reader(answer, 2);
  const auto flags = reader.Number(2);
  const auto questions = reader.Number(2), answers = reader.Number(2);
  reader.Number(4);
  if (!reader.ok() || questions != 1 || reader.at() != kHeader) return std::nullopt;
  const std::string asked = reader.Name();
  reader.Number(4);
  if (!reader.ok()) return std::nullopt;
  Resolution resolution;
  resolution.code = static_cast<Code>(flags & kCode);
  resolution.truncated = flags & kTruncated;
  if (resolution.truncated) return resolution;
  std::vector<AnswerRecord> records;
  for (std::size_t i = 0; i < std::min<std::size_t>(answers, kMostRecords); ++i) {
    records.push_back(ReadRecord(&reader, answer));
    if (!reader.ok()) return std::nullopt;
  }
  Follow(asked, records, query.type, &resolution);
  return resolution;
}

}  // namespace tsc::dns
