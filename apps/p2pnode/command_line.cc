#include "apps/p2pnode/command_line.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

#include <CLI/CLI.hpp>

#include "apps/common/mistake.h"
#include "engine/base/quantity.h"
#include "engine/content/selection.h"

#ifndef P2P_VERSION
#error "the build defines P2P_VERSION"
#endif

namespace p2p::app {
namespace {

// What stands below the options in --help. Lines of at most 78 columns.
constexpr const char* kMainFooter = R"text(Examples:
  p2pnode -S                        a bootstrap node, on port 8100
  p2pnode share film.mkv            offer a file; prints what the receiver types
  p2pnode get ID --bootstrap HOST   get it, told only a host that runs a node
  p2pnode peers                     look into the node that runs
  p2pnode --demo                    hold 60 random pieces of 75, want the others

"p2pnode COMMAND --help" says more. Without a command: run.)text";

constexpr const char* kRunFooter =
    R"text(Prints "listening on [ADDR]:PORT" when it is true. SIGINT and SIGTERM end it
in order, a second one at once.

Examples:
  p2pnode run                       a node on a port that the system chooses
  p2pnode run -S                    a bootstrap node, on port 8100
  p2pnode run --bootstrap example.org --bootstrap '[2001:db8::1]:9000'
  p2pnode run --demo=75,60,20 -v)text";

constexpr const char* kAddFooter =
    R"text(Prints "added ID NAME" for each; with -q the id alone. The node that runs on the
data folder, or the next that starts, serves it from where it stands; --copy
keeps a copy. A directory is one content, with its links, its empty folders and
the executable bit.

Examples:
  p2pnode add film.mkv notes.txt photos/
  p2pnode add -q -n film.mkv        only compute the id)text";

constexpr const char* kShareFooter =
    R"text(Adds files and directories and serves them. Where `p2pnode run` runs on the data
folder, that node does it, and this command ends; otherwise, and with an option
of the network, it is a node in the foreground, and prints "listening on
[ADDR]:PORT" first. Prints for each "added ID NAME" and the line that the
receiver types.

Examples:
  p2pnode share film.mkv photos/
  p2pnode share -S film.mkv         a bootstrap node too, on port 8100)text";

constexpr const char* kGetFooter =
    R"text(Gets a content in the foreground, and serves what it has while it goes on. Where
`p2pnode run` runs on the data folder, that node fetches it, and goes on serving
it. With an option of the network, a ticket none of whose peers is connected with
that node, --serve-for, --serve-ratio or -o -, this command is a node itself. What has
come is kept beside PATH in PATH.part: the same command goes on from there. To
standard output it comes in order, while the rest is fetched, and is cached.
Prints "saved PATH (BYTES bytes)". A directory appears when it is whole.

With --serve-for or --serve-ratio it goes on serving after that; a signal
then ends it with 0.

Exit: 0 saved, 3 no peer was reached in time, 4 no peer had it, 5 the disk,
7 interrupted, 8 the id names no content.

Examples:
  p2pnode get 0c99...79b3 -o hello.txt --bootstrap 192.0.2.7
  p2pnode get 'p2p:0c99...79b3?name=hello.txt&peer=192.0.2.7:8100' --timeout 30s
  p2pnode get 0c99...79b3 -o - | tar x
  p2pnode get 0c99...79b3 --path photos/2019 -o some
  p2pnode get 0c99...79b3 --serve-for 1h --serve-ratio 2
  p2pnode get 0c99...79b3 --json | jq -r 'select(.event == "saved").path')text";

constexpr const char* kPeersFooter =
    R"text(Asks the node that runs on the data folder; it must be yours. --why says who
told that node of an endpoint and when, how it was tried, and why it is not
connected.

Exit: 0 done, 3 no node runs there or it does not answer, 4 the node has never
heard of the endpoint.

Examples:
  p2pnode peers
  p2pnode peers --json | jq '.peers[] | select(.direction == "in")'
  p2pnode peers --why 192.0.2.7:8100
  sudo p2pnode peers                the node that root runs)text";

constexpr const char* kStatusFooter =
    R"text(Asks the node that runs on the data folder; it must be yours. Counts are those
since it started.

Exit: 0 done, 3 no node runs there or it does not answer.

Examples:
  p2pnode status
  p2pnode status --json | jq .dials
  p2pnode status --data-dir /srv/p2pnode)text";

constexpr const char* kWhyFooter =
    R"text(Says why a content that the node is getting is not whole: which pieces are
missing, and who was asked for them, when, and what came of it. Asks the node
that runs on the data folder, such as a get in another terminal.

Exit: 0 done, 3 no node runs there or it does not answer, 4 that node is not
getting this content.

Examples:
  p2pnode why 0c99...79b3
  p2pnode why 0c99...79b3 --pieces 100
  p2pnode why 0c99...79b3 --json | jq '.peers[] | select(.pieces.wrong_bytes)')text";

constexpr const char* kLsFooter =
    R"text(Lists what was added, shared or got, oldest first: the id, the size, when, where
the bytes are ("store", "cache", or a file or directory that is served in
place), and the name. All that is listed is kept by gc; what is cached goes when
the cache is full (--cache-size).

Exit: 0 done, 1 the list has parts that can't be read.

Examples:
  p2pnode ls
  p2pnode ls --json | jq -r '.contents[] | select(.whole) | .id')text";

constexpr const char* kRmFooter =
    R"text(Takes a content off the list. Its pieces go with the next gc, unless another
content has them too; files that were added in place, or got, stay. The node
that runs there stops serving them from these files.

Exit: 0 done, 1 a get runs on the data folder, 4 no such content is listed,
5 the disk.

Examples:
  p2pnode rm 0c99...79b3 && p2pnode gc)text";

constexpr const char* kGcFooter =
    R"text(Drops the pieces that no listed content needs. The node that runs on the data
folder does it itself; not while another command works on it.

Exit: 0 done, 1 another command works on the data folder, 5 the disk, 8 a listed
content has lost parts of its tree, so that nobody knows what it needs: nothing
was dropped.

Examples:
  p2pnode gc -n                     only say how much it would be
  p2pnode gc --json | jq .dropped_bytes)text";

constexpr const char* kVerifyFooter =
    R"text(Reads every piece of a content, in the store or in the file that it is served
from, and compares it with its hash; without an ID those of all contents, and
every other piece of the store. Bad pieces are dropped from the store;
the node that runs there fetches them again, if it has peers that hold them.

Exit: 0 all are good, 1 a get runs on the data folder, 4 no such content is
listed, 5 the disk, 7 interrupted, 8 pieces are bad or missing.

Examples:
  p2pnode verify
  p2pnode verify 0c99...79b3 --json)text";

// Which of a table of common options a command takes.
enum class Scope { node, local, look };

bool takes(Scope scope, const CommonOption& row) {
  switch (scope) {
    case Scope::node:
      return true;
    case Scope::local:
      return !row.network;
    case Scope::look:
      return !row.network && row.look;
  }
  return true;
}

// The name without the short form, as in sentences: "--listen".
std::string long_name(const CommonOption& row) {
  const size_t at = row.names.find("--");
  return std::string(row.names.substr(at));
}

void add_common(CLI::App& app, CommonOptions& into, Scope scope) {
  for (const CommonOption& row : common_options()) {
    if (!takes(scope, row)) continue;
    const std::string names(row.names);
    const std::string help(row.help);
    const auto take = [&into, &row](const std::string& text) {
      const std::string wrong = row.apply(into, text);
      if (!wrong.empty()) refuse(long_name(row), wrong);
    };
    const std::string group = row.network && row.of_network ? "The network" : "Options";
    if (row.value.empty()) {
      app.add_flag_function(
             names,
             [take](int64_t times) {
               for (; times > 0; --times) take("");
             },
             help)
          ->group(group);
      continue;
    }
    auto* option = app.add_option_function<std::vector<std::string>>(
        names,
        [take](const std::vector<std::string>& texts) {
          for (const std::string& text : texts) take(text);
        },
        help);
    option->allow_extra_args(false)->option_text(std::string(row.value))->group(group);
    if (!row.repeatable) option->expected(1);
  }
}

// What CLI11 fills in while it parses; `common` belongs to whichever command it is.
struct Words {
  CommonOptions common;
  std::string demo;  // "" not asked for, "true" without numbers
  std::vector<std::string> files;
  bool dry_run = false;
  bool copy = false;
  std::string content;
  std::string output;
  bool force = false;
  std::string timeout;
  std::vector<std::string> paths;
  std::string serve_for;
  std::string serve_ratio;
  bool json = false;
  std::string why;
  std::string pieces;
};

void add_demo(CLI::App& app, Words& words) {
  app.add_flag("--demo", words.demo,
               "The original's demonstration: hold HAVE random pieces of a pool of POOL, want WANT "
               "others or as many as there are (75,60,20); nothing is kept")
      ->option_text("[=POOL,HAVE,WANT]")
      ->group("Options");
}

void add_files(CLI::App& app, Words& words) {
  app.add_option("PATH", words.files, "Files or directories")->required()->option_text(" ");
}

void add_copy(CLI::App& app, Words& words) {
  app.add_flag("--copy", words.copy,
               "Copy the bytes into the store (default: they are served from where they stand)");
}

void add_json(CLI::App& app, Words& words) {
  app.add_flag("--json", words.json, "One line: a JSON object, for programs");
}

void describe_main(CLI::App& app, Words& words) {
  app.description("p2pnode: finds peers and moves verified pieces between them.");
  app.footer(kMainFooter);
  app.set_version_flag("--version", std::string("p2pnode ") + P2P_VERSION,
                       "Print the version and exit");
  app.require_subcommand(0, 1);
  add_demo(app, words);
  add_common(app, words.common, Scope::node);
}

void describe_run(CLI::App& app, Words& words) {
  app.footer(kRunFooter);
  add_demo(app, words);
  add_common(app, words.common, Scope::node);
}

void describe_add(CLI::App& app, Words& words) {
  app.footer(kAddFooter);
  add_files(app, words);
  app.add_flag("-n,--dry-run", words.dry_run, "Only compute the ids; keep nothing");
  add_copy(app, words);
  add_json(app, words);
  add_common(app, words.common, Scope::local);
}

void describe_share(CLI::App& app, Words& words) {
  app.footer(kShareFooter);
  add_files(app, words);
  add_copy(app, words);
  add_json(app, words);
  add_common(app, words.common, Scope::node);
}

void describe_get(CLI::App& app, Words& words) {
  app.footer(kGetFooter);
  app.add_option("ID", words.content, "An id of 64 hex digits, or a ticket")
      ->required()
      ->option_text(" ");
  app.add_option("-o,--output", words.output,
                 "Where to save it: a name, a folder, or - for standard output (default: the "
                 "ticket's name, else the first 16 digits of the id)")
      ->option_text("PATH|-");
  app.add_option("--path", words.paths,
                 "Of a directory only what is at this path in it, or below; repeatable (default: "
                 "all of it)")
      ->allow_extra_args(false)
      ->option_text("PATH");
  app.add_flag("-f,--force", words.force, "Replace PATH if it exists");
  app.add_option("--timeout", words.timeout,
                 "Give up when nothing has come for so long, such as 30s or 5min (default: never)")
      ->option_text("DURATION");
  app.add_option("--serve-for", words.serve_for,
                 "Go on serving the content for so long after it was saved (default: end at once)")
      ->option_text("DURATION");
  app.add_option("--serve-ratio", words.serve_ratio,
                 "Go on serving until so many times its bytes were sent, such as 1.5; with "
                 "--serve-for: whichever comes first")
      ->option_text("R");
  app.add_flag("--json", words.json,
               "Events for programs, a JSON object a line: progress, at most ten a second, then "
               "saved or failed");
  add_common(app, words.common, Scope::node);
}

void describe_peers(CLI::App& app, Words& words) {
  app.footer(kPeersFooter);
  add_json(app, words);
  app.add_option("--why", words.why,
                 "Only what the node knows of this endpoint, and why it is not connected (default "
                 "port: 8100)")
      ->option_text("ADDR[:PORT]");
  add_common(app, words.common, Scope::look);
}

void describe_status(CLI::App& app, Words& words) {
  app.footer(kStatusFooter);
  add_json(app, words);
  add_common(app, words.common, Scope::look);
}

void describe_why(CLI::App& app, Words& words) {
  app.footer(kWhyFooter);
  app.add_option("ID", words.content, "An id of 64 hex digits, or a ticket")
      ->required()
      ->option_text(" ");
  add_json(app, words);
  app.add_option("--pieces", words.pieces,
                 "How many of the missing pieces are shown, up to 4096 (default: 20, with --json "
                 "4096)")
      ->option_text("N");
  add_common(app, words.common, Scope::look);
}

void describe_ls(CLI::App& app, Words& words) {
  app.footer(kLsFooter);
  add_json(app, words);
  add_common(app, words.common, Scope::look);
}

void add_id(CLI::App& app, Words& words, bool required) {
  app.add_option("ID", words.content, "An id of 64 hex digits, as ls shows it")
      ->required(required)
      ->option_text(" ");
}

void describe_rm(CLI::App& app, Words& words) {
  app.footer(kRmFooter);
  add_id(app, words, true);
  add_json(app, words);
  add_common(app, words.common, Scope::look);
}

void describe_gc(CLI::App& app, Words& words) {
  app.footer(kGcFooter);
  app.add_flag("-n,--dry-run", words.dry_run, "Only count; drop nothing");
  add_json(app, words);
  add_common(app, words.common, Scope::look);
}

void describe_verify(CLI::App& app, Words& words) {
  app.footer(kVerifyFooter);
  add_id(app, words, false);
  add_json(app, words);
  add_common(app, words.common, Scope::look);
}

// An id, or a ticket's.
Digest id_of(const Words& words) {
  auto ticket = parse_ticket(words.content);
  if (const auto* wrong = std::get_if<std::string>(&ticket)) refuse("ID", *wrong);
  return std::get<Ticket>(ticket).id;
}

WhyOptions why_options(const Words& words) {
  constexpr size_t kShown = 20;
  constexpr size_t kShownMax = 4096;
  WhyOptions options{words.common, words.json, id_of(words), words.json ? kShownMax : kShown};
  if (words.pieces.empty()) return options;
  const char* const end = words.pieces.data() + words.pieces.size();
  const auto [stopped, error] = std::from_chars(words.pieces.data(), end, options.pieces);
  if (error != std::errc() || stopped != end || options.pieces > kShownMax) {
    refuse("--pieces", "\"" + words.pieces + "\" is no number from 0 to 4096");
  }
  return options;
}

VerifyOptions verify_options(const Words& words) {
  VerifyOptions options{words.common, words.json, std::nullopt};
  if (!words.content.empty()) options.id = id_of(words);
  return options;
}

AddOptions add_options(const Words& words) {
  return {words.common, words.json, words.dry_run, words.copy, words.files};
}

ShareOptions share_options(const Words& words) {
  return {words.common, words.json, words.copy, words.files};
}

PeersOptions peers_options(const Words& words) {
  PeersOptions options{words.common, words.json, std::nullopt};
  if (words.why.empty()) return options;
  options.why = Endpoint::parse(words.why, kServerPort);
  if (!options.why) {
    refuse("--why",
           "\"" + words.why +
               "\" is no address with a port, such as 192.0.2.7:8100 or [2001:db8::1]:8100");
  }
  return options;
}

RunOptions run_options(const Words& words) {
  RunOptions options{words.common, std::nullopt};
  if (words.demo.empty() || words.demo == "false") return options;
  options.demo = DemoShape{};
  if (words.demo == "true") return options;
  auto shape = parse_demo_shape(words.demo);
  if (const auto* wrong = std::get_if<std::string>(&shape)) refuse("--demo", *wrong);
  options.demo = std::get<DemoShape>(shape);
  return options;
}

// A ticket's peers are dialled as bootstrap nodes are, besides those that were named. Who has a
// ticket needs no usual one.
void add_peers(GetOptions& options) {
  std::vector<HostPort> hosts = options.common.bootstrap;
  for (const HostPort& peer : options.ticket.peers) {
    if (hosts.size() >= kTicketPeersMax) break;
    if (std::find(hosts.begin(), hosts.end(), peer) == hosts.end()) hosts.push_back(peer);
  }
  options.common.bootstrap = std::move(hosts);
}

Duration time_in(const std::string& option, const std::string& text) {
  const auto time = parse_duration(text);
  if (time && *time > Duration()) return *time;
  refuse(option, "\"" + text + "\" is no time such as 500ms, 30s or 5min");
}

std::vector<std::string> paths_in(const std::vector<std::string>& texts) {
  std::vector<std::string> paths;
  for (const std::string& text : texts) {
    auto path = listing_path(text);
    if (!path) {
      refuse("--path", "\"" + text + "\" is no path in a directory, such as photos/2019");
    }
    paths.push_back(std::move(*path));
  }
  return paths;
}

double ratio_in(const std::string& text) {
  constexpr double kRatioMax = 1000;
  double ratio = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, ratio);
  if (error == std::errc() && stopped == end && ratio > 0 && ratio <= kRatioMax) return ratio;
  refuse("--serve-ratio", "\"" + text + "\" is no ratio above 0 and up to 1000, such as 1.5");
}

GetOptions get_options(const Words& words) {
  GetOptions options;
  options.common = words.common;
  options.output = words.output;
  options.force = words.force;
  options.json = words.json;
  if (options.json && options.output == "-") {
    refuse("--json", "standard output is taken by the content; name a file with -o PATH");
  }
  auto ticket = parse_ticket(words.content);
  if (const auto* wrong = std::get_if<std::string>(&ticket)) refuse("ID", *wrong);
  options.ticket = std::move(std::get<Ticket>(ticket));
  const auto claimed = options.ticket.piece_size;
  auto& chosen = options.common.piece_size;
  if (claimed && chosen && *claimed != *chosen) {
    refuse("--piece-size", "the ticket's content is in pieces of " + size_text(claimed->bytes()) +
                               ", not " + size_text(chosen->bytes()) + "; leave --piece-size out");
  }
  if (claimed) chosen = claimed;
  options.names_network = options.common.names_network();
  add_peers(options);
  if (!words.timeout.empty()) options.timeout = time_in("--timeout", words.timeout);
  if (!words.serve_for.empty()) options.serve_for = time_in("--serve-for", words.serve_for);
  if (!words.serve_ratio.empty()) options.serve_ratio = ratio_in(words.serve_ratio);
  options.paths = paths_in(words.paths);
  if (!options.paths.empty() && options.output == "-") {
    refuse("--path",
           "a part of a directory can't go to standard output; name a folder with -o PATH");
  }
  if (options.serves() && options.output == "-") {
    refuse(
        options.serve_for ? "--serve-for" : "--serve-ratio",
        "a get to standard output ends with it, and does not serve on; name a file with -o PATH");
  }
  return options;
}

}  // namespace

std::variant<Invocation, Answer> parse_command_line(std::vector<std::string> arguments) {
  Words words;
  CLI::App app("", "p2pnode");
  app.get_formatter()->column_width(34);
  describe_main(app, words);
  CLI::App* run = app.add_subcommand("run", "Run a node (what p2pnode does without a command)");
  CLI::App* add =
      app.add_subcommand("add", "Put files and directories into the store and print their ids");
  CLI::App* get = app.add_subcommand("get", "Get a content by its id or ticket");
  CLI::App* share = app.add_subcommand("share", "Add files and directories and serve them");
  CLI::App* peers = app.add_subcommand("peers", "Show whom the running node is connected with");
  CLI::App* status = app.add_subcommand("status", "Show how the running node fares");
  CLI::App* why = app.add_subcommand("why", "Show why a content that is being got is not whole");
  CLI::App* ls = app.add_subcommand("ls", "List the contents of the data folder");
  CLI::App* rm = app.add_subcommand("rm", "Take a content off the list");
  CLI::App* gc = app.add_subcommand("gc", "Drop the pieces that no listed content needs");
  CLI::App* verify = app.add_subcommand("verify", "Read every piece and find what is spoilt");
  describe_ls(*ls, words);
  describe_rm(*rm, words);
  describe_gc(*gc, words);
  describe_verify(*verify, words);
  describe_run(*run, words);
  describe_add(*add, words);
  describe_get(*get, words);
  describe_share(*share, words);
  describe_peers(*peers, words);
  describe_status(*status, words);
  describe_why(*why, words);

  try {
    std::reverse(arguments.begin(), arguments.end());
    app.parse(std::move(arguments));
    if (add->parsed()) return add_options(words);
    if (share->parsed()) return share_options(words);
    if (get->parsed()) return get_options(words);
    if (peers->parsed()) return peers_options(words);
    if (why->parsed()) return why_options(words);
    if (ls->parsed()) return LsOptions{words.common, words.json};
    if (rm->parsed()) return RmOptions{words.common, words.json, id_of(words)};
    if (gc->parsed()) return GcOptions{words.common, words.json, words.dry_run};
    if (verify->parsed()) return verify_options(words);
    if (status->parsed()) return StatusOptions{words.common, words.json};
    return run_options(words);
  } catch (const CLI::CallForHelp&) {
    return Answer{ExitCode::done, app.help(), {}};
  } catch (const CLI::CallForVersion& version) {
    return Answer{ExitCode::done, std::string(version.what()) + "\n", {}};
  } catch (const CLI::Error& error) {
    return Answer{ExitCode::usage, {}, sentence_of(error, app)};
  }
}

}  // namespace p2p::app
