// SPDX-License-Identifier: Apache-2.0
#include "supervisor/egress_records.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <memory>
#include <set>

#include "core/json_reader.h"
#include "core/paths.h"

namespace tsc {
namespace {

constexpr const char kDirectory[] = "v1/egress";

std::int64_t Milliseconds(std::chrono::system_clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

Json FlowJson(const LearnedFlow& learned) {
  const auto& [container, port, other] = learned.flow;
  return {{"container", Text(container)},
          {"protocol", port.protocol},
          {"port", port.port},
          {"other", Text(other)},
          {"until", Milliseconds(learned.until)}};
}

bool IsOf(const std::vector<RuleEndpoint>& endpoints, const IpAddress& address) {
  for (const auto& endpoint : endpoints)
    for (const auto& own : endpoint.addresses)
      if (endpoint.egress && own == address) return true;
  return false;
}

void AddElements(const Json& json, const std::vector<RuleEndpoint>& endpoints, std::vector<NftElement>* elements) {
  const auto container = ParseIpAddress(StringMember(json, "container")), other = ParseIpAddress(StringMember(json, "other"));
  if (!container.ok() || !other.ok() || container->family != other->family || !IsOf(endpoints, *container)) return;
  const EgressPort port{static_cast<std::uint8_t>(IntMember(json, "protocol")), static_cast<std::uint16_t>(IntMember(json, "port"))};
  const EgressFlow flow{*container, port, *other};
  const std::int64_t left = IntMember(json, "until") - Milliseconds(std::chrono::system_clock::now());
  if (left > 0) elements->push_back(NameElement(flow, static_cast<std::uint64_t>(left)));
  elements->push_back(KnownElement(flow));
}

}  // namespace

Status WriteEgressRecord(const Host& host, const std::string& container, const std::vector<LearnedFlow>& flows) {
  const auto dir = TSC_TRY(MkdirsInRoot(host.run_dir.get(), kDirectory, 0700));
  if (flows.empty()) {
    if (::unlinkat(dir.get(), container.c_str(), 0) != 0 && errno != ENOENT) return Errno("remove egress record", container);
    return {};
  }
  Json list = Json::array();
  for (const auto& flow : flows) list.push_back(FlowJson(flow));
  return WriteFileAtomic(dir.get(), container.c_str(), list.dump());
}

std::vector<NftElement> ReadLearnedElements(const Host& host, const std::vector<RuleEndpoint>& endpoints) {
  std::vector<NftElement> elements;
  UniqueFd fd(::openat(host.run_dir.get(), kDirectory, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const std::unique_ptr<DIR, int (*)(DIR*)> dir(fd ? ::fdopendir(fd.get()) : nullptr, &::closedir);
  if (!dir) return elements;
  const int place = fd.release();
  while (const dirent* entry = ::readdir(dir.get())) {
    if (entry->d_name[0] == '.') continue;
    const auto text = ReadFileAt(place, entry->d_name);
    const Json list = text.ok() ? Json::parse(*text, nullptr, false) : Json();
    for (const auto& json : list.is_array() ? list : Json::array()) AddElements(json, endpoints, &elements);
  }
  // An address has been another container's before: a set has each member once.
  std::set<std::pair<std::string, std::string>> seen;
  std::erase_if(elements, [&](const NftElement& element) { return !seen.insert({element.set, element.key}).second; });
  return elements;
}

}  // namespace tsc
