#include "engine/base/digest.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "engine/base/bytes.h"
#include "engine/base/check.h"
#include "engine/base/hex.h"

namespace p2p {

namespace {

struct ContextDeleter {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

}  // namespace

std::string Digest::hex() const { return to_hex(bytes); }

std::optional<Digest> Digest::from_hex(std::string_view text) {
  if (text.size() != 2 * kSize) return std::nullopt;
  const auto decoded = p2p::from_hex(text);
  if (!decoded) return std::nullopt;
  Digest digest;
  std::copy(decoded->begin(), decoded->end(), digest.bytes.begin());
  return digest;
}

size_t DigestHash::operator()(const Digest& digest) const noexcept {
  size_t value = 0;
  std::memcpy(&value, digest.bytes.data(), sizeof value);
  return value;
}

Digest sha256(std::span<const std::byte> bytes) { return sha256_zero_filled(bytes, 0); }

Digest sha256_zero_filled(std::span<const std::byte> bytes, uint64_t zeros) {
  const std::unique_ptr<EVP_MD_CTX, ContextDeleter> context(EVP_MD_CTX_new());
  P2P_CHECK(context != nullptr);
  P2P_CHECK(EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1);
  P2P_CHECK(EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) == 1);
  while (zeros > 0) {
    const auto block = zero_bytes(zeros);
    P2P_CHECK(EVP_DigestUpdate(context.get(), block.data(), block.size()) == 1);
    zeros -= block.size();
  }
  Digest digest;
  auto* out = reinterpret_cast<unsigned char*>(digest.bytes.data());
  P2P_CHECK(EVP_DigestFinal_ex(context.get(), out, nullptr) == 1);
  return digest;
}

}  // namespace p2p
