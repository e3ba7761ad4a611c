// The parts that lines of every kind share.
#include "io_sim/trace/line_text.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/hex.h"
#include "io_sim/trace/trace_hash.h"

namespace p2p::sim {

namespace {

constexpr size_t kListedMax = 8;

template <class Element, class Text, class Add>
std::string list_of(std::span<const Element> list, Text text, Add add) {
  std::string out = std::to_string(list.size()) + " [";
  const size_t listed = std::min(list.size(), kListedMax);
  for (size_t i = 0; i < listed; ++i) {
    if (i > 0) out += ", ";
    out += text(list[i]);
  }
  if (listed < list.size()) {
    TraceHash all;
    for (const Element& element : list) add(all, element);
    out += ", ... all " + all.hex();
  }
  return out + "]";
}

}  // namespace

std::string seconds_text(Time at) {
  constexpr int64_t kPerSecond = 1'000'000'000;
  const int64_t ns = at.since_origin_ns();
  P2P_CHECK(ns >= 0);
  std::string fraction = std::to_string(ns % kPerSecond);
  fraction.insert(0, 9 - fraction.size(), '0');
  return std::to_string(ns / kPerSecond) + "." + fraction;
}

std::string conn_text(ConnId conn) { return conn_text(conn.value()); }

std::string conn_text(uint64_t conn) {
  return ((conn & 1) != 0 ? "a" : "d") + std::to_string(conn >> 1);
}

std::string conn_field(ConnId conn) { return " conn=" + conn_text(conn); }
std::string op_field(OpId op) { return " op=" + std::to_string(op.value); }
std::string fetch_field(FetchId fetch) { return " fetch=" + std::to_string(fetch.value); }

std::string short_digest(const Digest& digest) { return to_hex(std::span(digest.bytes).first(8)); }

std::string store_status_name(StoreStatus status) {
  switch (status) {
    case StoreStatus::ok:
      return "ok";
    case StoreStatus::not_held:
      return "not_held";
    case StoreStatus::no_space:
      return "no_space";
    case StoreStatus::io_error:
      return "io_error";
  }
  check_failed("a store status without a name");
}

std::string list_text(std::span<const Digest> digests) {
  return list_of(digests, short_digest,
                 [](TraceHash& all, const Digest& digest) { all.add_bytes(digest.bytes); });
}

std::string list_text(std::span<const Endpoint> endpoints) {
  return list_of(
      endpoints, [](const Endpoint& endpoint) { return endpoint.text(); },
      [](TraceHash& all, const Endpoint& endpoint) {
        all.add_bytes(endpoint.address.bytes);
        all.add(endpoint.port);
      });
}

}  // namespace p2p::sim
