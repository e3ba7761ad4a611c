// Messages between nodes around the first violation, or before the end: time runs down, each node
// has a lane, each message is an arrow.
//
// Time is not to scale: what matters is what came after what. Every moment at which something
// happens has a place of its own, and silences are cut short and named.
#include <algorithm>
#include <bit>
#include <map>

#include "engine/base/quantity.h"
#include "io_sim/report/figures.h"
#include "io_sim/report/page.h"

namespace p2p::sim {

namespace {

constexpr size_t kLanesMax = 12;
constexpr size_t kMessagesShown = 48;
constexpr size_t kFaultsShown = 12;
constexpr Tenths kLanesTop = 520;
constexpr size_t kLanesInOneRow = 7;  // more, and their names stand in two
constexpr Tenths kLanesLeft = 1'500;
constexpr Tenths kLanesRight = 8'900;
constexpr Tenths kRow = 175;  // between two labels
constexpr Tenths kSilenceRow = 300;
constexpr Duration kSilence = Duration::seconds(1);

// What is drawn of a run, before it is known where.
struct Scene {
  std::vector<const RecordedMessage*> messages;
  std::vector<NodeIndex> lanes;    // ascending
  std::optional<NodeIndex> focus;  // where the invariant was broken
  std::optional<Duration> violation;
  Duration centre;
};

int64_t distance(Duration a, Duration b) { return std::abs(a.count_ns() - b.count_ns()); }

bool was_received(const RecordedMessage& message) {
  return message.received >= message.sent && message.received != Duration();
}

int64_t distance_from(Duration centre, const RecordedMessage& message) {
  const int64_t sent = distance(message.sent, centre);
  return was_received(message) ? std::min(sent, distance(message.received, centre)) : sent;
}

// Takes a lane for a node if there is one left.
bool has_lane(std::vector<NodeIndex>& lanes, NodeIndex node) {
  if (std::find(lanes.begin(), lanes.end(), node) != lanes.end()) return true;
  if (lanes.size() == kLanesMax) return false;
  lanes.push_back(node);
  return true;
}

// The node that most messages come from or go to.
std::optional<NodeIndex> busiest_node(const Story& story,
                                      const std::vector<const RecordedMessage*>& messages) {
  std::vector<size_t> counts(story.recording.nodes.size());
  for (const RecordedMessage* message : messages) {
    ++counts[message->from];
    ++counts[message->to];
  }
  const auto most = std::max_element(counts.begin(), counts.end());
  if (most == counts.end()) return std::nullopt;
  return static_cast<NodeIndex>(most - counts.begin());
}

// First what the broken node, or else the busiest one, said and heard, the nearest in time first;
// then what the others did.
Scene scene_of(const Story& story) {
  Scene scene;
  scene.focus = story.broken_node();
  scene.centre = story.end();
  if (story.result.violated) {
    scene.violation = story.result.violated->at - Time();
    scene.centre = *scene.violation;
  }
  std::vector<const RecordedMessage*> nearest;
  for (const RecordedMessage& message : story.recording.messages) {
    const bool known =
        message.from < story.recording.nodes.size() && message.to < story.recording.nodes.size();
    if (known && message.from != message.to) nearest.push_back(&message);
  }
  const auto about = scene.focus ? scene.focus : busiest_node(story, nearest);
  const auto order = [&](const RecordedMessage* a, const RecordedMessage* b) {
    const auto key = [&](const RecordedMessage& message) {
      const bool concerns = about == message.from || about == message.to;
      return std::pair(concerns ? 0 : 1, distance_from(scene.centre, message));
    };
    return key(*a) < key(*b);
  };
  std::stable_sort(nearest.begin(), nearest.end(), order);
  if (scene.focus) scene.lanes.push_back(*scene.focus);
  for (const RecordedMessage* message : nearest) {
    if (scene.messages.size() == kMessagesShown) break;
    if (has_lane(scene.lanes, message->from) && has_lane(scene.lanes, message->to)) {
      scene.messages.push_back(message);
    }
  }
  std::sort(scene.lanes.begin(), scene.lanes.end());
  return scene;
}

// Something that happens at a moment and needs a place.
struct Moment {
  enum class Kind { fault, sent, received, violation };
  Duration at;
  Kind kind = Kind::sent;
  size_t index = 0;  // of the message or fault
  Tenths y = 0;
};

std::vector<Moment> moments_of(const Story& story, const Scene& scene) {
  std::vector<Moment> moments;
  for (size_t i = 0; i < scene.messages.size(); ++i) {
    const RecordedMessage& message = *scene.messages[i];
    moments.push_back({message.sent, Moment::Kind::sent, i});
    if (was_received(message)) moments.push_back({message.received, Moment::Kind::received, i});
  }
  if (scene.violation) moments.push_back({*scene.violation, Moment::Kind::violation, 0});
  const auto earlier = [](const Moment& a, const Moment& b) {
    return std::tuple(a.at, a.kind, a.index) < std::tuple(b.at, b.kind, b.index);
  };
  std::sort(moments.begin(), moments.end(), earlier);
  if (moments.empty()) return moments;
  const Duration first = moments.front().at;
  const Duration last = moments.back().at;
  size_t shown = 0;
  const auto& faults = story.recording.faults;
  for (size_t i = 0; i < faults.size() && shown < kFaultsShown; ++i) {
    if (faults[i].from < first || faults[i].from > last) continue;
    moments.push_back({faults[i].from, Moment::Kind::fault, i});
    ++shown;
  }
  std::sort(moments.begin(), moments.end(), earlier);
  return moments;
}

// Longer times take more room, but not in proportion: 1 ms about 7 pixels, 1 s about 12.
Tenths room_for(Duration time) {
  const auto us = static_cast<uint64_t>(time.count_ns() / 1'000);
  return 15 + 5 * static_cast<Tenths>(std::bit_width(us));
}

bool has_label(Moment::Kind kind) { return kind != Moment::Kind::received; }

struct Layout {
  std::vector<Moment> moments;
  std::vector<std::pair<Tenths, Duration>> silences;
  Tenths bottom = 0;
};

Layout laid_out(std::vector<Moment> moments) {
  Layout layout;
  Tenths y = kLanesTop;
  Tenths label_free_from = 0;
  for (size_t i = 0; i < moments.size(); ++i) {
    if (i > 0) {
      const Duration time = moments[i].at - moments[i - 1].at;
      if (time >= kSilence) {
        layout.silences.emplace_back(y + kSilenceRow / 2, time);
        y += kSilenceRow;
        label_free_from = y;
      } else {
        y += room_for(time);
      }
    }
    if (has_label(moments[i].kind)) {
      y = std::max(y, label_free_from);
      label_free_from = y + (moments[i].kind == Moment::Kind::violation ? 2 * kRow : kRow);
    }
    moments[i].y = y;
  }
  layout.moments = std::move(moments);
  layout.bottom = std::max(y, label_free_from) + 100;
  return layout;
}

class Drawing {
 public:
  Drawing(const Story& story, const Scene& scene, const Layout& layout)
      : story_(story), scene_(scene), layout_(layout) {
    for (const Moment& moment : layout.moments) {
      if (moment.kind == Moment::Kind::received) received_y_[moment.index] = moment.y;
    }
  }

  std::string svg() const {
    std::string svg = lanes() + silences();
    for (const Moment& moment : layout_.moments) {
      svg += one(moment);
      if (!has_label(moment.kind)) continue;
      svg += text_at(kLanesLeft - 500, moment.y + 40, "end", moment_text(moment.at),
                     moment.kind == Moment::Kind::violation ? "moment-text" : "");
    }
    // Nothing may lie on the arrows' heads.
    for (const Moment& moment : layout_.moments) {
      if (moment.kind == Moment::Kind::sent) svg += end_svg(moment);
    }
    return svg;
  }

 private:
  Tenths lane_x(NodeIndex node) const {
    const auto found = std::lower_bound(scene_.lanes.begin(), scene_.lanes.end(), node);
    const Tenths lane = found - scene_.lanes.begin();
    const auto gaps = std::max<Tenths>(1, static_cast<Tenths>(scene_.lanes.size()) - 1);
    // Two lanes need not stand at the ends of the page.
    const Tenths width = std::min<Tenths>(kLanesRight - kLanesLeft, gaps * 2'200);
    return kLanesLeft + width * lane / gaps;
  }

  std::string lanes() const {
    std::string svg;
    size_t lane = 0;
    for (const NodeIndex node : scene_.lanes) {
      const Tenths x = lane_x(node);
      const bool focus = scene_.focus == node;
      svg +=
          line_from(x, kLanesTop - 150, x, layout_.bottom, focus ? "lifeline focus" : "lifeline");
      const Tenths raised = scene_.lanes.size() > kLanesInOneRow && lane++ % 2 == 1 ? 160 : 0;
      svg += text_at(x, kLanesTop - 200 - raised, "middle", story_.recording.nodes[node].name,
                     focus ? "moment-text" : "strong");
    }
    return svg + text_at(kLanesLeft - 500, kLanesTop - 200, "end", "virtual time", "strong");
  }

  std::string silences() const {
    std::string svg;
    for (const auto& [y, time] : layout_.silences) {
      svg += line_from(kLanesLeft - 450, y, kLanesRight, y, "silence");
      svg += text_at(kLanesLeft - 500, y + 40, "end",
                     "+ " + duration_text(Duration::milliseconds(time.count_ms())));
    }
    return svg;
  }

  std::string one(const Moment& moment) const {
    switch (moment.kind) {
      case Moment::Kind::sent:
        return message(moment);
      case Moment::Kind::received:
        return "";
      case Moment::Kind::violation:
        return violation(moment.y);
      case Moment::Kind::fault:
        return fault(moment);
    }
    return "";
  }

  struct Arrow {
    Tenths from_x = 0;
    Tenths from_y = 0;
    Tenths to_x = 0;
    Tenths to_y = 0;
    bool lost = false;
  };
  Arrow arrow_of(const Moment& sent) const {
    const RecordedMessage& message = *scene_.messages[sent.index];
    const Tenths from = lane_x(message.from);
    const Tenths to = lane_x(message.to);
    const auto received = received_y_.find(sent.index);
    if (received != received_y_.end()) return {from, sent.y, to, received->second, false};
    return {from, sent.y, from + (to - from) * 6 / 10, sent.y + 100, true};
  }

  std::string message(const Moment& sent) const {
    const RecordedMessage& message = *scene_.messages[sent.index];
    const Arrow arrow = arrow_of(sent);
    const std::string names = story_.recording.nodes[message.from].name + " to " +
                              story_.recording.nodes[message.to].name + ": " + message.what;
    const std::string when =
        arrow.lost ? "sent at " + moment_text(message.sent) + ", not received before the end"
                   : moment_text(message.sent) + " to " + moment_text(message.received);
    const bool rightwards = arrow.to_x > arrow.from_x;
    return "<g><title>" + html_text(names + "\n" + when) + "</title>\n<path class=\"message" +
           (arrow.lost ? " lost" : "") + "\" d=\"M" + point(arrow.from_x, arrow.from_y) + "L" +
           point(arrow.to_x, arrow.to_y) + "\"/>\n" +
           text_at(arrow.from_x + (rightwards ? 70 : -70), sent.y - 30,
                   rightwards ? "start" : "end", message.what, "said halo") +
           "</g>\n";
  }

  std::string end_svg(const Moment& sent) const {
    const Arrow arrow = arrow_of(sent);
    return arrow.lost ? cross(arrow.to_x, arrow.to_y)
                      : tip(arrow.to_x, arrow.to_y, arrow.from_x, arrow.from_y);
  }

  static std::string cross(Tenths x, Tenths y) {
    constexpr Tenths kArm = 45;
    return "<path class=\"cross\" d=\"M" + point(x - kArm, y - kArm) + "L" +
           point(x + kArm, y + kArm) + "M" + point(x + kArm, y - kArm) + "L" +
           point(x - kArm, y + kArm) + "\"/>\n";
  }

  // A head of 8 by 6 pixels, turned as the arrow is: along by the whole, across by a third.
  static std::string tip(Tenths x, Tenths y, Tenths from_x, Tenths from_y) {
    const Tenths dx = x - from_x;
    const Tenths dy = y - from_y;
    const Tenths length = std::max<Tenths>(1, std::max(std::abs(dx), std::abs(dy)));
    const Tenths back_x = x - 85 * dx / length;
    const Tenths back_y = y - 85 * dy / length;
    const Tenths side_x = -35 * dy / length;
    const Tenths side_y = 35 * dx / length;
    return "<path class=\"tip\" d=\"M" + point(x, y) + "L" +
           point(back_x + side_x, back_y + side_y) + "L" + point(back_x - side_x, back_y - side_y) +
           "Z\"/>\n";
  }

  std::string violation(Tenths y) const {
    const Violation& violated = *story_.result.violated;
    std::string svg = line_from(kLanesLeft - 450, y, kFigureWidth - 100, y, "moment");
    if (scene_.focus) {
      svg += "<circle class=\"broke\" cx=\"" + px(lane_x(*scene_.focus)) + "\" cy=\"" + px(y) +
             "\" r=\"7\"/>\n";
    }
    return svg + text_at(kFigureWidth - 100, y + 160, "end",
                         violated.node + " breaks " + violated.invariant, "moment-text halo");
  }

  std::string fault(const Moment& moment) const {
    const RecordedFault& fault = story_.recording.faults[moment.index];
    return line_from(kLanesLeft - 450, moment.y, kFigureWidth - 100, moment.y, "happening") +
           text_at(kFigureWidth - 100, moment.y - 30, "end", fault.what, "happening-text halo");
  }

  const Story& story_;
  const Scene& scene_;
  const Layout& layout_;
  std::map<size_t, Tenths> received_y_;
};

}  // namespace

std::string spacetime_figure(const Story& story) {
  const Scene scene = scene_of(story);
  const bool violated = scene.violation.has_value();
  Figure figure;
  figure.title = violated ? "Messages around the violation" : "The last messages";
  if (scene.messages.empty()) {
    return "<figure><h3>" + figure.title +
           "</h3><p class=\"soft\">None was recorded.</p></figure>\n";
  }
  figure.says =
      "Time runs down, each node has a lane, an arrow goes from the sending of a message to its "
      "arrival. Not to scale: what came after what is what counts.";
  if (violated) figure.says += " The red line is the moment at which the invariant was broken.";
  figure.legend = legend_of(
      {legend_entry("<path class=\"message\" d=\"M0,6H22\"/>", "a message"),
       legend_entry("<path class=\"message lost\" d=\"M0,6H22\"/>",
                    "one not received before the end"),
       legend_entry("<path class=\"happening\" d=\"M0,6H22\"/>", "a fault or a command")});
  const Layout layout = laid_out(moments_of(story, scene));
  figure.drawing = Drawing(story, scene, layout).svg();
  figure.height = layout.bottom + 60;
  return figure_html(figure);
}

}  // namespace p2p::sim
