// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <linux/netlink.h>

#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>

namespace tsc {

// One request to the kernel as it goes over a netlink socket: a header, the family's own header, attributes. Also knows which step it is
// and what it is about, for the Failure of the one that is refused.
class NetlinkMessage {
 public:
  NetlinkMessage(int type, int flags, std::string step, std::string object);

  // The family's header (ifinfomsg, nfgenmsg, …): once, before any attribute.
  template <class T>
  NetlinkMessage& Head(const T& header) {
    static_assert(std::is_trivially_copyable_v<T>);
    return Raw({reinterpret_cast<const char*>(&header), sizeof header});
  }
  NetlinkMessage& Raw(std::string_view bytes);

  NetlinkMessage& Put(int attribute, std::string_view bytes);
  NetlinkMessage& PutText(int attribute, const std::string& text);  // with its NUL
  template <class T>
  NetlinkMessage& PutNumber(int attribute, T number) {
    static_assert(std::is_integral_v<T>);
    return Put(attribute, {reinterpret_cast<const char*>(&number), sizeof number});
  }
  // In the order of the network, as nftables has all its numbers.
  NetlinkMessage& PutBe32(int attribute, std::uint32_t number);
  NetlinkMessage& PutBe64(int attribute, std::uint64_t number);
  template <class Inside>
  NetlinkMessage& Nest(int attribute, const Inside& inside) {
    const std::size_t start = Open(attribute);
    inside();
    Close(start);
    return *this;
  }
  std::size_t Open(int attribute);
  void Close(std::size_t start);

  nlmsghdr& header() { return *reinterpret_cast<nlmsghdr*>(bytes_.data()); }
  const std::string& bytes() const { return bytes_; }
  const std::string& step() const { return step_; }
  const std::string& object() const { return object_; }

 private:
  void Sized();

  std::string bytes_;
  std::string step_, object_;
};

// The attributes of one level, by their type. The views end with the bytes that they were read from; what is cut off is left out.
using NetlinkAttributes = std::map<int, std::string_view>;
NetlinkAttributes ReadAttributes(std::string_view bytes);

// Zero where the attribute is missing or too short.
template <class T>
T NumberOf(const NetlinkAttributes& attributes, int type) {
  T number{};
  const auto it = attributes.find(type);
  if (it != attributes.end() && it->second.size() >= sizeof number) std::memcpy(&number, it->second.data(), sizeof number);
  return number;
}
std::string TextOf(const NetlinkAttributes& attributes, int type);

}  // namespace tsc
