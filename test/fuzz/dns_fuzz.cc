// SPDX-License-Identifier: Apache-2.0
// DNS: packets of containers, and answers of strangers' servers. An input is the length of a query (a byte), the query, and an answer.
#include "network/dns_answer.h"
#include "network/dns_message.h"
#include "target.h"

namespace tsc::fuzz {
namespace {

using namespace tsc::dns;

// What is answered is an answer to what was asked, and small enough.
void CheckOwnAnswer(std::string_view packet, const Query& query) {
  IpAddress address;
  address.family = AF_INET;
  const std::vector<Record> records(40, AddressRecord(address));
  const std::size_t limit = query.udp_size;
  const auto answer = MakeAnswer(packet, query, Code::kNoError, records, limit);
  Require(Answers(answer, packet, query, query.id));
  Require(answer.size() <= limit);
  Require(!ParseQuery(answer));
  const auto read = ReadResolution(answer, query);
  Require(read && read->code == Code::kNoError);
}

void CheckQuery(std::string_view packet, std::string_view answer) {
  const auto query = ParseQuery(packet);
  if (const auto refused = RefuseMalformed(packet)) Require(!RefuseMalformed(*refused));
  if (!query) return;
  Require(query->question_end <= packet.size() && query->name.size() <= 255);
  CheckOwnAnswer(packet, *query);
  (void)Answers(answer, packet, *query, query->id);
  (void)ReversedAddress(query->name);
  if (!query->name.empty()) (void)PointerRecord(query->name);
  if (const auto read = ReadResolution(answer, *query)) Require(read->addresses.size() <= 64);
}

void Run(std::string_view input) {
  if (input.empty()) return;
  const std::size_t size = static_cast<unsigned char>(input[0]);
  input.remove_prefix(1);
  CheckQuery(input.substr(0, size), input.substr(std::min(size, input.size())));
}

const Registration kTarget({"dns", Run});

}  // namespace
}  // namespace tsc::fuzz
