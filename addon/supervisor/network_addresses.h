// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <vector>

#include "network/ip_address.h"
#include "supervisor/host.h"

// Who has which address: v1/addresses/<network>-<address> is a symbolic link whose target is the name of an endpoint's port and the id of
// its container. Making one is how an address is taken, by whichever process; one of an endpoint that has no record any more is nobody's,
// and is taken away by one process at a time.
namespace tsc {

struct AddressRange {
  IpPrefix gateway;  // with the length of the subnet
  IpPrefix chosen;   // the part of it that is ours to give
};

struct AddressOwner {
  std::string port;
  std::string container;
};

// One of the gateway, the network or everybody.
bool IsReserved(const IpPrefix& gateway, const IpAddress& address);

// EADDRINUSE: another endpoint has it.
Status ClaimAddress(const Host& host, const std::string& network, const IpAddress& address, const AddressOwner& owner);
// A free one of a subnet, of which `gateway` is the host's: not one that was given back just now, whose last packets may be on their way.
Result<IpAddress> ClaimFreeAddress(const Host& host, const std::string& network, const AddressRange& range, const AddressOwner& owner);
// With its record written: nobody took them for left before that, because it took so long. EADDRINUSE.
Status KeepAddresses(const Host& host, const std::string& network, const std::vector<IpAddress>& addresses, const std::string& port);
// What was claimed, and records that were begun, by somebody who died before the record was whole: all of containers that do not live,
// and what a living one has had for longer than a claim is without its record.
void SweepAddresses(const Host& host, const std::set<std::string>& living);
// The same for one container, whose monitor has died.
void SweepAddressesOf(const Host& host, const std::string& container);
void ReleaseAddress(const Host& host, const std::string& network, const IpAddress& address, const std::string& port);

}  // namespace tsc
