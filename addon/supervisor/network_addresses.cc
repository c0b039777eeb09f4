// SPDX-License-Identifier: Apache-2.0
#include "supervisor/network_addresses.h"

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <vector>

#include "core/paths.h"
#include "supervisor/directory_names.h"
#include "supervisor/run_lock.h"

namespace tsc {
namespace {

constexpr const char kDirectory[] = "v1/addresses", kLock[] = "v1/addresses.lock", kClaim[] = "claim address";
// Whoever takes an address writes its endpoint's record next.
constexpr time_t kUntilRecord = 10;  // seconds
constexpr std::uint64_t kTries = 65'536;

std::string NameOf(const std::string& network, const IpAddress& address) {
  return std::string(kDirectory) + "/" + network.substr(0, 16) + "-" + Text(address);
}

AddressOwner OwnerOf(const Host& host, const std::string& name) {
  char target[128];
  const ssize_t size = ::readlinkat(host.run_dir.get(), name.c_str(), target, sizeof target);
  const std::string text(target, size < 0 ? 0 : static_cast<std::size_t>(size));
  const auto space = std::min(text.find(' '), text.size());
  return {text.substr(0, space), text.substr(std::min(space + 1, text.size()))};
}

bool IsOld(const Host& host, const std::string& name) {
  struct stat info {};
  if (::fstatat(host.run_dir.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) return false;
  return ::time(nullptr) - info.st_ctime >= kUntilRecord;
}

bool HasRecord(const Host& host, const AddressOwner& owner) {
  return ::faccessat(host.run_dir.get(), ("v1/endpoints/" + owner.port).c_str(), F_OK, 0) == 0;
}

// Whoever takes one away has it: between a look at whose it is and its end nobody else makes it theirs.
Result<UniqueFd> LockClaims(const Host& host) { return LockRun(host.run_dir.get(), kLock, kClaim); }

bool IsLeft(const Host& host, const std::string& name) { return IsOld(host, name) && !HasRecord(host, OwnerOf(host, name)); }

// With the record that was begun for it; not where the record is whole, which goes first.
void RemoveClaim(const Host& host, const std::string& name) {
  const AddressOwner owner = OwnerOf(host, name);
  if (HasRecord(host, owner)) return;
  ::unlinkat(host.run_dir.get(), ("v1/endpoints/." + owner.port + ".new").c_str(), 0);
  ::unlinkat(host.run_dir.get(), name.c_str(), 0);
}

std::vector<std::string> PathsIn(const Host& host, const std::string& directory) {
  auto paths = NamesIn(host.run_dir.get(), directory.c_str());
  if (!paths.ok()) return {};
  for (auto& path : *paths) path.insert(0, directory + "/");
  return std::move(*paths);
}

// The number of hosts is cut off where nobody would count them.
std::uint64_t HostsOf(const IpPrefix& subnet) {
  const unsigned bits = static_cast<unsigned>(subnet.address.size()) * 8 - subnet.length;
  return bits >= 32 ? std::uint64_t{1} << 32 : std::uint64_t{1} << bits;
}

// The address at that place in a subnet.
IpAddress AddressAt(const IpPrefix& subnet, std::uint64_t place) {
  IpAddress address = subnet.address;
  const std::size_t size = address.size();
  unsigned bits = static_cast<unsigned>(size) * 8 - subnet.length;
  for (std::size_t i = size; i-- > 0 && bits > 0;) {
    const unsigned here = bits < 8 ? bits : 8;
    const auto mask = static_cast<std::uint8_t>((1U << here) - 1);
    address.bytes[i] = static_cast<std::uint8_t>((address.bytes[i] & ~mask) | (place & mask));
    place >>= 8;
    bits -= here;
  }
  return address;
}

std::uint64_t Random() {
  std::uint64_t number = 0;
  (void)!::getrandom(&number, sizeof number, 0);
  return number;
}

}  // namespace

bool IsReserved(const IpPrefix& subnet, const IpAddress& address) {
  if (address == subnet.address) return true;
  if (address.family != AF_INET || subnet.length >= 31) return false;
  std::uint32_t host = 0;
  for (const std::uint8_t byte : {address.bytes[0], address.bytes[1], address.bytes[2], address.bytes[3]}) host = host << 8 | byte;
  const std::uint32_t mask = subnet.length == 0 ? ~0U : (1U << (32 - subnet.length)) - 1;
  return (host & mask) == 0 || (host & mask) == mask;
}

Status ClaimAddress(const Host& host, const std::string& network, const IpAddress& address, const AddressOwner& owner) {
  TSC_TRY(MkdirsInRoot(host.run_dir.get(), kDirectory, 0700));
  const std::string name = NameOf(network, address), target = owner.port + " " + owner.container;
  if (::symlinkat(target.c_str(), host.run_dir.get(), name.c_str()) == 0) return {};
  if (errno == EEXIST && IsLeft(host, name)) {
    const auto lock = TSC_TRY(LockClaims(host));
    if (IsLeft(host, name)) RemoveClaim(host, name);
    if (::symlinkat(target.c_str(), host.run_dir.get(), name.c_str()) == 0) return {};
  }
  return Fail(kClaim, errno == EEXIST ? EADDRINUSE : errno, Text(address));
}

Result<IpAddress> ClaimFreeAddress(const Host& host, const std::string& network, const AddressRange& range, const AddressOwner& owner) {
  const auto& [gateway, chosen] = range;
  const std::uint64_t hosts = HostsOf(chosen);
  // From anywhere, so that what was given back last is hardly ever the next.
  const std::uint64_t start = Random() % hosts;
  for (std::uint64_t i = 0; i < hosts && i < kTries; ++i) {
    const std::uint64_t place = (start + i) % hosts;
    const IpAddress address = AddressAt(chosen, place);
    if ((place == 0 && gateway.address.family == AF_INET6) || IsReserved(gateway, address)) continue;
    const auto claimed = ClaimAddress(host, network, address, owner);
    if (claimed.ok()) return address;
    if (claimed.failure().error != EADDRINUSE) return claimed.failure();
  }
  return Fail(kClaim, EADDRNOTAVAIL, Text(gateway));
}

Status KeepAddresses(const Host& host, const std::string& network, const std::vector<IpAddress>& addresses, const std::string& port) {
  const auto lock = TSC_TRY(LockClaims(host));
  for (const auto& address : addresses)
    if (OwnerOf(host, NameOf(network, address)).port != port) return Fail(kClaim, EADDRINUSE, Text(address));
  return {};
}

void SweepAddresses(const Host& host, const std::set<std::string>& living) {
  const auto lock = LockClaims(host);
  if (!lock.ok()) return;  // the next who wants one of these looks for itself
  for (const auto& path : PathsIn(host, kDirectory))
    if (IsLeft(host, path) || !living.contains(OwnerOf(host, path).container)) RemoveClaim(host, path);
  for (const auto& path : PathsIn(host, "v1/endpoints"))
    if (path.ends_with(".new") && IsOld(host, path)) ::unlinkat(host.run_dir.get(), path.c_str(), 0);
}

void SweepAddressesOf(const Host& host, const std::string& container) {
  const auto lock = LockClaims(host);
  if (!lock.ok()) return;
  for (const auto& path : PathsIn(host, kDirectory))
    if (OwnerOf(host, path).container == container) RemoveClaim(host, path);
}

void ReleaseAddress(const Host& host, const std::string& network, const IpAddress& address, const std::string& port) {
  const auto lock = LockClaims(host);
  const std::string name = NameOf(network, address);
  if (lock.ok() && OwnerOf(host, name).port == port) ::unlinkat(host.run_dir.get(), name.c_str(), 0);
}

}  // namespace tsc
