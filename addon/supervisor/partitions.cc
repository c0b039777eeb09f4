// SPDX-License-Identifier: Apache-2.0
#include "supervisor/partitions.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <memory>

#include "core/paths.h"
#include "supervisor/create_request.h"

namespace tsc {
namespace {

constexpr const char kPartitions[] = "v1/partitions";
constexpr std::size_t kId = 64;

std::string NameOf(const Partition& partition) { return partition.network + "-" + partition.one + "-" + partition.other; }

bool Has(const std::vector<std::string>& list, const std::string& text) { return std::find(list.begin(), list.end(), text) != list.end(); }

std::optional<EndpointRecord> PlaceOf(const std::vector<EndpointRecord>& places, const std::string& container, const std::string& network) {
  const auto it = std::find_if(places.begin(), places.end(),
                               [&](const EndpointRecord& place) { return place.container == container && place.network == network; });
  return it == places.end() ? std::nullopt : std::optional(*it);
}

}  // namespace

Result<std::vector<Partition>> ParsePartitions(const Json& message) {
  const std::string network = StringMember(message, "network");
  if (!IsId(network)) return Fail("parse network", EINVAL, network);
  std::vector<Partition> partitions;
  for (const auto& pair : Member(message, "pairs")) {
    if (!pair.is_array() || pair.size() != 2) return Fail("parse partition", EINVAL, pair.dump());
    auto [one, other] = std::minmax({StringOf(pair[0]), StringOf(pair[1])});
    if (!IsId(one) || !IsId(other) || one == other) return Fail("parse partition", EINVAL, pair.dump());
    partitions.push_back({network, one, other});
  }
  return partitions;
}

bool Healing::Covers(const Partition& partition) const {
  if (partition.network != network) return false;
  const auto between = [&](const std::string& from, const std::string& to) {
    return (one.empty() || Has(one, from)) && (other.empty() || Has(other, to));
  };
  return between(partition.one, partition.other) || between(partition.other, partition.one);
}

Status WritePartition(const Host& host, const Partition& partition) {
  const auto directory = TSC_TRY(MkdirsInRoot(host.run_dir.get(), kPartitions, 0700));
  return WriteFileAtomic(directory.get(), NameOf(partition).c_str(), "");
}

void RemovePartition(const Host& host, const Partition& partition) {
  ::unlinkat(host.run_dir.get(), (std::string(kPartitions) + "/" + NameOf(partition)).c_str(), 0);
}

std::vector<Partition> ReadPartitions(const Host& host) {
  std::vector<Partition> partitions;
  UniqueFd fd(::openat(host.run_dir.get(), kPartitions, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(fd ? ::fdopendir(fd.get()) : nullptr, &::closedir);
  if (!directory) return partitions;
  fd.release();
  while (const dirent* entry = ::readdir(directory.get())) {
    const std::string name = entry->d_name;
    if (name.size() == 3 * kId + 2) partitions.push_back({name.substr(0, kId), name.substr(kId + 1, kId), name.substr(2 * kId + 2)});
  }
  return partitions;
}

std::vector<NftElement> ElementsApart(const Host& host, const std::string& container, const std::string& network,
                                      const RuleEndpoint& rules) {
  std::vector<NftElement> elements;
  std::vector<EndpointRecord> places;
  for (const auto& partition : ReadPartitions(host)) {
    if (partition.network != network || (partition.one != container && partition.other != container)) continue;
    if (places.empty()) {
      auto read = ReadEndpointRecords(host);
      if (!read.ok()) break;
      places = std::move(*read);
    }
    const auto other = PlaceOf(places, partition.one == container ? partition.other : partition.one, network);
    if (!other) continue;
    auto apart = ElementsBetween(rules, other->rules);
    std::move(apart.begin(), apart.end(), std::back_inserter(elements));
  }
  return elements;
}

std::vector<NftElement> ElementsApart(const Host& host, const Partition& partition) {
  const auto places = ReadEndpointRecords(host);
  if (!places.ok()) return {};
  const auto one = PlaceOf(*places, partition.one, partition.network), other = PlaceOf(*places, partition.other, partition.network);
  return one && other ? ElementsBetween(one->rules, other->rules) : std::vector<NftElement>();
}

}  // namespace tsc
