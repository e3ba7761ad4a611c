// Fills a Recording while a run goes on; does nothing when nobody asked for one.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>

#include "io_sim/check/view.h"
#include "io_sim/run/recording.h"

namespace p2p::sim {

class Recorder {
 public:
  // `recording` may be nullptr; outlives the recorder.
  Recorder(Recording* recording, Duration stop);

  bool on() const { return recording_ != nullptr; }
  void begin(const View& view);
  // Called each virtual second; samples when it is time.
  void second(const View& view, uint64_t payload_bytes, uint64_t control_bytes);
  void fault(Duration from, Duration to, std::string what, bool is_fault);
  // A frame leaves an end: its last byte is the `end_offset`th that the end has sent.
  void sent(uint64_t connection, NodeIndex from, NodeIndex to, Time at, uint64_t end_offset,
            std::string what);
  // So many bytes of a connection have been read by `by`, in all.
  void received(uint64_t connection, NodeIndex by, Time at, uint64_t offset);
  void end(const View& view, uint64_t payload_bytes, uint64_t control_bytes);

 private:
  struct UnderWay {
    uint64_t end_offset = 0;
    uint64_t serial = 0;  // of the message
  };
  void sample(const View& view, uint64_t payload_bytes, uint64_t control_bytes);

  Recording* recording_;
  int64_t every_s_;
  uint64_t first_serial_ = 0;  // of the first message that is kept
  std::map<std::pair<uint64_t, NodeIndex>, std::deque<UnderWay>> under_way_;  // by receiver
};

}  // namespace p2p::sim
