// SPDX-License-Identifier: Apache-2.0
#include "network/dns_message.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstring>

namespace tsc::dns {
namespace {

constexpr std::size_t kHeader = 12;
constexpr std::size_t kMaxName = 255;
constexpr std::size_t kMaxLabel = 63;
constexpr std::uint16_t kInternet = 1;
constexpr std::uint16_t kResponse = 0x8000, kAuthoritative = 0x0400, kTruncated = 0x0200, kRecursionDesired = 0x0100,
                        kRecursionAvailable = 0x0080, kOpcode = 0x7800;

std::uint16_t Number(std::string_view packet, std::size_t at) {
  return static_cast<std::uint16_t>(static_cast<std::uint8_t>(packet[at]) << 8 | static_cast<std::uint8_t>(packet[at + 1]));
}

void Put16(std::string* text, std::uint16_t value) {
  text->push_back(static_cast<char>(value >> 8));
  text->push_back(static_cast<char>(value & 0xff));
}

void Put32(std::string* text, std::uint32_t value) {
  Put16(text, static_cast<std::uint16_t>(value >> 16));
  Put16(text, static_cast<std::uint16_t>(value & 0xffff));
}

bool IsHostByte(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_'; }

// A question has its name in full: there is nothing before it that it could point at.
bool ReadName(std::string_view packet, std::size_t* at, std::string* name) {
  bool plain = true;
  const std::size_t start = *at;
  for (;;) {
    if (*at >= packet.size()) return false;
    const auto length = static_cast<std::uint8_t>(packet[(*at)++]);
    if (length == 0) break;
    if (length > kMaxLabel || packet.size() - *at < length || *at + length - start > kMaxName) return false;
    if (!name->empty()) name->push_back('.');
    for (const char c : packet.substr(*at, length)) {
      plain = plain && IsHostByte(c);
      name->push_back(static_cast<char>(std::tolower(static_cast<unsigned char>(c))));
    }
    *at += length;
  }
  if (!plain) name->clear();
  return true;
}

// The OPT record, should it be the first of the additional ones, which is where resolvers put it.
void ReadExtension(std::string_view packet, Query* query) {
  if (Number(packet, 6) != 0 || Number(packet, 8) != 0 || Number(packet, 10) == 0) return;
  const std::size_t at = query->question_end;
  if (packet.size() < at + 11 || packet[at] != 0 || Number(packet, at + 1) != static_cast<std::uint16_t>(Type::kOpt)) return;
  query->extended = true;
  query->udp_size = std::clamp<std::uint16_t>(Number(packet, at + 3), 512, kUdpSize);
}

void PutRecord(std::string* answer, const Record& record) {
  Put16(answer, 0xc000 | kHeader);  // the name of the question
  Put16(answer, static_cast<std::uint16_t>(record.type));
  Put16(answer, kInternet);
  Put32(answer, record.ttl);
  Put16(answer, static_cast<std::uint16_t>(record.data.size()));
  *answer += record.data;
}

void PutExtension(std::string* answer) {
  answer->push_back('\0');
  Put16(answer, static_cast<std::uint16_t>(Type::kOpt));
  Put16(answer, kUdpSize);
  Put32(answer, 0);
  Put16(answer, 0);
}

std::string Compose(std::string_view packet, const Query& query, std::uint16_t flags, const std::vector<Record>& records) {
  std::string answer;
  Put16(&answer, query.id);
  Put16(&answer, static_cast<std::uint16_t>(flags | kResponse | kRecursionAvailable | (query.recursion_desired ? kRecursionDesired : 0)));
  Put16(&answer, 1);
  Put16(&answer, static_cast<std::uint16_t>(records.size()));
  Put16(&answer, 0);
  Put16(&answer, query.extended ? 1 : 0);
  answer += packet.substr(kHeader, query.question_end - kHeader);
  for (const auto& record : records) PutRecord(&answer, record);
  if (query.extended) PutExtension(&answer);
  return answer;
}

bool EqualName(std::string_view one, std::string_view other) {
  return std::equal(one.begin(), one.end(), other.begin(), other.end(), [](char a, char b) {
    return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
  });
}

std::vector<std::string> Labels(std::string_view name) {
  std::vector<std::string> labels;
  for (std::size_t start = 0; start <= name.size();) {
    const auto end = std::min(name.find('.', start), name.size());
    labels.emplace_back(name.substr(start, end - start));
    start = end + 1;
  }
  return labels;
}

std::optional<IpAddress> Reversed(const std::vector<std::string>& labels, int family, int base) {
  const std::size_t digits = family == AF_INET ? 1 : 2;
  IpAddress address;
  address.family = family;
  if (labels.size() != address.size() * digits) return std::nullopt;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    unsigned value = 0;
    const auto& label = labels[labels.size() - 1 - i];
    const auto [end, error] = std::from_chars(label.data(), label.data() + label.size(), value, base);
    if (error != std::errc() || end != label.data() + label.size() || value >= (digits == 2 ? 16U : 256U)) return std::nullopt;
    auto& byte = address.bytes[i / digits];
    byte = static_cast<std::uint8_t>(digits == 2 ? byte << 4 | value : value);
  }
  return address;
}

}  // namespace

std::optional<Query> ParseQuery(std::string_view packet) {
  if (packet.size() < kHeader || packet.size() > kMaxMessage) return std::nullopt;
  Query query;
  query.id = Number(packet, 0);
  const std::uint16_t flags = Number(packet, 2);
  query.recursion_desired = flags & kRecursionDesired;
  if ((flags & (kResponse | kOpcode)) != 0 || Number(packet, 4) != 1) return std::nullopt;
  std::size_t at = kHeader;
  if (!ReadName(packet, &at, &query.name) || packet.size() - at < 4) return std::nullopt;
  query.type = Number(packet, at);
  query.kind = Number(packet, at + 2);
  query.question_end = at + 4;
  ReadExtension(packet, &query);
  return query;
}

Record AddressRecord(const IpAddress& address, std::uint32_t ttl) {
  return {address.family == AF_INET ? Type::kA : Type::kAaaa, std::string(address.view()), ttl};
}

std::optional<Record> PointerRecord(const std::string& name) {
  Record record{Type::kPtr, {}, 0};
  for (const auto& label : Labels(name)) {
    if (label.empty() || label.size() > kMaxLabel) return std::nullopt;
    record.data.push_back(static_cast<char>(label.size()));
    record.data += label;
  }
  record.data.push_back('\0');
  if (record.data.size() > kMaxName) return std::nullopt;
  return record;
}

std::string MakeAnswer(std::string_view packet, const Query& query, Code code, const std::vector<Record>& records, std::size_t limit) {
  const auto flags = static_cast<std::uint16_t>(kAuthoritative | static_cast<std::uint16_t>(code));
  auto answer = Compose(packet, query, flags, records);
  return answer.size() <= limit ? answer : Compose(packet, query, flags | kTruncated, {});
}

std::optional<std::string> RefuseMalformed(std::string_view packet) {
  // Who answers answers keeps two responders talking for ever.
  if (packet.size() < kHeader || (Number(packet, 2) & kResponse) != 0) return std::nullopt;
  const bool query = (Number(packet, 2) & kOpcode) == 0;
  std::string answer(packet.substr(0, 2));
  Put16(&answer, static_cast<std::uint16_t>(kResponse | static_cast<std::uint16_t>(query ? Code::kFormat : Code::kNotImplemented)));
  answer.append(kHeader - answer.size(), '\0');
  return answer;
}

bool Answers(std::string_view answer, std::string_view packet, const Query& query, std::uint16_t id) {
  if (answer.size() < query.question_end || Number(answer, 0) != id || (Number(answer, 2) & kResponse) == 0) return false;
  return Number(answer, 4) == 1 &&
         EqualName(answer.substr(kHeader, query.question_end - kHeader), packet.substr(kHeader, query.question_end - kHeader));
}

std::optional<IpAddress> ReversedAddress(const std::string& name) {
  auto labels = Labels(name);
  if (labels.size() < 3 || labels.back() != "arpa") return std::nullopt;
  labels.pop_back();
  const std::string zone = labels.back();
  labels.pop_back();
  if (zone == "in-addr") return Reversed(labels, AF_INET, 10);
  return zone == "ip6" ? Reversed(labels, AF_INET6, 16) : std::nullopt;
}

}  // namespace tsc::dns
