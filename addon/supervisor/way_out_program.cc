// SPDX-License-Identifier: Apache-2.0
#include "supervisor/way_out_program.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstring>

namespace tsc {
namespace {

// Of the ranges for tests of networks (RFC 2544, RFC 5180), which nobody routes: it is seen by the engine's namespace alone.
constexpr const char kOwn4[] = "198.18.0.2", kGateway4[] = "198.18.0.1", kNetwork4[] = "198.18.0.0/25";
constexpr const char kOwn6[] = "2001:2:0:7473::2", kGateway6[] = "2001:2:0:7473::1";
// The largest that IPv4 knows, and what slirp4netns takes at most.
constexpr const char kMtu[] = "65520";

std::vector<std::string> PastaArguments() {
  return {"--foreground", "--quiet",     "--netns-only", "--no-netns-quit", "--config-net", "--no-map-gw", "--no-dhcp", "--no-dhcpv6",
          "--no-ra",      "--tcp-ports", "none",         "--udp-ports",     "none",         "--tcp-ns",    "none",      "--udp-ns",
          "none",         "--mtu",       kMtu,           "--address",       kOwn4,          "--netmask",   "30",        "--gateway",
          kGateway4,      "--address",   kOwn6,          "--gateway",       kGateway6,      "--ns-ifname", kWayOutLink, "--netns"};
}

std::vector<std::string> SlirpArguments() {
  return {"--configure",
          std::string("--mtu=") + kMtu,
          std::string("--cidr=") + kNetwork4,
          "--disable-host-loopback",
          "--disable-dns",
          "--enable-sandbox",
          "--enable-seccomp",
          "--enable-ipv6",
          "--netns-type=path"};
}

}  // namespace

std::vector<WayOutProgram> FindWayOutPrograms() {
  std::vector<WayOutProgram> programs;
  for (const char* name : {"pasta", "slirp4netns"}) {
    for (const char* directory : {"/usr/bin/", "/bin/", "/usr/local/bin/"}) {
      const std::string path = std::string(directory) + name;
      struct stat info {};
      if (::stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode) || ::access(path.c_str(), X_OK) != 0) continue;
      programs.push_back({name, path});
      break;
    }
  }
  return programs;
}

std::vector<std::string> WayOutArguments(const WayOutProgram& program, const std::string& network_namespace) {
  const bool pasta = std::strcmp(program.name, "pasta") == 0;
  auto arguments = pasta ? PastaArguments() : SlirpArguments();
  arguments.insert(arguments.begin(), program.name);
  arguments.push_back(network_namespace);
  if (!pasta) arguments.emplace_back(kWayOutLink);
  return arguments;
}

}  // namespace tsc
