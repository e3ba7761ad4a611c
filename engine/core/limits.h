// The numbers that bound a node, each with its reason. Tests and worlds may lower them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/base/time.h"

namespace p2p {

struct Limits {
  // Connections. A node of 40 + 512 + 1,024 + dialled ones stays under 2,048 descriptors.
  size_t unidentified_max = 1024;  // docs/protocol.md: what strangers may hold, guests included
  size_t dialled_neighbours = 10;  // enough for a connected random graph of many thousands
  size_t accepted_neighbours_max = 40;  // four times the dialled, as not everybody can accept
  size_t exchange_max = 512;            // beyond neighbours, only while pieces are wanted or owed
  // Who comes when all of these are taken may ask for holders before it goes; as one of the
  // strangers.
  Duration guest_stay = Duration::seconds(5);
  size_t dials_at_once_max = 8;  // half-open dials; a node is no port scanner

  // Deadlines.
  // A lost SYN is sent again after 1 s and 3 s; who has not answered by then is not there.
  Duration dial_timeout = Duration::seconds(5);
  Duration unidentified_accepted =
      Duration::seconds(150);                             // the original may block 127 s in a dial
  Duration presumed_legacy_after = Duration::seconds(5);  // ours say hello at once
  Duration keepalive_every = Duration::seconds(29);       // the protocol says 30 at the most
  Duration quiet_after = Duration::seconds(40);  // a replacement is looked for: 30 s is the rule
  Duration silent_after = Duration::seconds(75);
  Duration frame_progress = Duration::seconds(60);  // a control frame is whole by then
  Duration write_stall = Duration::seconds(75);
  Duration linger = Duration::seconds(2);
  Duration flush = Duration::seconds(10);
  Duration exchange_idle = Duration::seconds(60);  // a surplus connection without use

  // Peer exchange.
  Duration pex_interval = Duration::seconds(10);
  size_t pex_records_max = 50;  // docs/protocol.md
  size_t book_max = 1024;
  Duration handed_on_for = Duration::minutes(3);
  // How often the book is saved while it changes. What a crash costs is known anew by then.
  Duration save_book_every = Duration::minutes(2);
  // Trying out who is in the book: at first often, then twice as seldom each time.
  Duration first_feeler = Duration::seconds(30);
  Duration feeler_every = Duration::minutes(16);

  // Pieces.
  size_t wants_per_peer_max = 4096;  // docs/protocol.md
  size_t asks_per_peer_max = 1024;
  size_t ask_bytes_per_peer_max = size_t{16} << 20;  // or two pieces, whichever is more
  // Buffers for pieces asked for, being hashed or being stored. 32 MiB keeps a link of 1 Gbit/s and
  // 200 ms busy; two pieces at least, or nothing would move with 16 MiB pieces.
  size_t receive_budget_bytes = size_t{32} << 20;
  // Loaded and not yet sent, for each peer, beyond which nothing more is loaded for it.
  size_t send_ahead_bytes = size_t{1} << 20;
  // Control bytes queued for a peer beyond which answers and wants stay hashes: one list of 1,024
  // is 32 KiB.
  size_t control_ahead_bytes = size_t{32} << 10;
  Duration ask_slow_after = Duration::seconds(10);   // no byte of an answer: ask others
  Duration ask_dead_after = Duration::seconds(120);  // no answer at all: close
  Duration legacy_answer = Duration::seconds(20);    // silence of an original is a lack
  Duration legacy_retry = Duration::seconds(60);
  // Unsynced bytes and the time after which the store is asked to make them durable.
  size_t sync_every_bytes = size_t{256} << 20;
  Duration sync_every = Duration::seconds(5);
  // For people who ask why a content is not whole: asks that came to nothing, the latest 300 KiB of
  // them; missing pieces that are told in full, and what is told of each. An answer is built within
  // 100 ms and has some MiB at the most.
  size_t failed_asks_kept = 4096;
  size_t story_pieces_max = 4096;
  size_t story_talks_max = 8;
  // Ceilings on the bytes of pieces, over all connections, bytes a second; 0: none.
  size_t upload_rate = 0;
  size_t download_rate = 0;
};

}  // namespace p2p
