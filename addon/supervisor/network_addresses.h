// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "network/ip_address.h"
#include "supervisor/host.h"

// Who has which address: v1/addresses/<network>-<address> is a symbolic link to the name of an endpoint's port. Making one is how an
// address is taken, by whichever process; one of an endpoint that has no record any more is nobody's.
namespace tsc {

struct AddressRange {
  IpPrefix gateway;  // with the length of the subnet
  IpPrefix chosen;   // the part of it that is ours to give
};

// One of the gateway, the network or everybody.
bool IsReserved(const IpPrefix& gateway, const IpAddress& address);

// EADDRINUSE: another endpoint has it.
Status ClaimAddress(const Host& host, const std::string& network, const IpAddress& address, const std::string& port);
// A free one of a subnet, of which `gateway` is the host's: not one that was given back just now, whose last packets may be on their way.
Result<IpAddress> ClaimFreeAddress(const Host& host, const std::string& network, const AddressRange& range, const std::string& port);
// What was claimed, and records that were begun, by somebody who died before the record was whole.
void SweepAddresses(const Host& host);
void ReleaseAddress(const Host& host, const std::string& network, const IpAddress& address, const std::string& port);

}  // namespace tsc
