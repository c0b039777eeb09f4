// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "network/ip_address.h"

// Messages of the domain name system (RFC 1035, 6891), as far as a responder for container names reads and writes them.
namespace tsc::dns {

enum class Type : std::uint16_t { kA = 1, kPtr = 12, kAaaa = 28, kOpt = 41 };
enum class Code : std::uint8_t { kNoError = 0, kFormat = 1, kServerFailure = 2, kNoSuchName = 3, kNotImplemented = 4, kRefused = 5 };

inline constexpr std::size_t kMaxMessage = 65'535;
// What passes every path without being cut into fragments (the value of the DNS flag day of 2020).
inline constexpr std::uint16_t kUdpSize = 1232;

struct Query {
  std::uint16_t id = 0;
  bool recursion_desired = false;
  // In lower case, labels joined by dots, without the last one. A label with a byte that no host name has makes it empty.
  std::string name;
  std::uint16_t type = 0;
  std::uint16_t kind = 0;        // class; 1 is the Internet
  std::size_t question_end = 0;  // where the question ends in the packet
  std::uint16_t udp_size = 512;  // the largest answer that its sender takes over UDP
  bool extended = false;         // it has an OPT record
};

// A question and nothing that contradicts it; nothing for what is no query with one question.
std::optional<Query> ParseQuery(std::string_view packet);

// What an answer says of the name that was asked for.
struct Record {
  Type type;
  std::string data;       // as on the wire
  std::uint32_t ttl = 0;  // seconds. What a container's name says is true for as long as it lives, which nobody knows
};
Record AddressRecord(const IpAddress& address, std::uint32_t ttl = 0);
// Nothing: that is no host name.
std::optional<Record> PointerRecord(const std::string& name);

// The answer to a query in its packet; without records and marked as truncated when it is longer than `limit`.
std::string MakeAnswer(std::string_view packet, const Query& query, Code code, const std::vector<Record>& records, std::size_t limit);
// The answer to what is no query but has an id; nothing where it must not be answered at all.
std::optional<std::string> RefuseMalformed(std::string_view packet);

// Whether `answer` is one to `query`, whose packet has been sent with `id`: the same id and the same question.
bool Answers(std::string_view answer, std::string_view packet, const Query& query, std::uint16_t id);

// The address in d.c.b.a.in-addr.arpa or its like in ip6.arpa.
std::optional<IpAddress> ReversedAddress(const std::string& name);

}  // namespace tsc::dns
