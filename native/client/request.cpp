#include "request.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <time.h>
#include <unistd.h>

#include "complaint.h"

namespace client {
namespace {

constexpr char kMagic[4] = {'C', 'S', 'N', '1'};
constexpr size_t kMaximumPayload = size_t{64} << 20;
// Nothing else of the environment travels: it is not part of the contract and may hold secrets.
constexpr const char* kVariables[] = {"CS_PHYSICAL_NETWORK_EXTENSION_DETAILS", "CS_NETWORK_EXTENSION_DETAILS"};

// Of our own: when this program began, so that the daemon can say what came before it (--trace).
constexpr char kStarted[] = "CLOUDSTACK_NETNS_STARTED";

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the wire format is little-endian, and so are the hosts");

// Runs over the same fields twice: first with no memory to learn the size, then to fill it.
class Writer {
 public:
  explicit Writer(char* out) : out_(out) {}

  void Number(size_t value) {
    uint32_t number = static_cast<uint32_t>(value);
    Bytes(&number, sizeof(number));
  }
  void Text(const char* text, size_t length) {
    Number(length);
    Bytes(text, length);
  }
  void Text(const char* text) { Text(text, strlen(text)); }
  void Bytes(const void* bytes, size_t length) {
    if (out_ != nullptr) memcpy(out_ + length_, bytes, length);
    length_ += length;
  }
  size_t length() const { return length_; }

 private:
  char* out_;
  size_t length_ = 0;
};

struct Call {
  const char* program;
  const char* directory;
  int argc;
  char* const* argv;
  // Nanoseconds of CLOCK_MONOTONIC, in decimal.
  char started[24];
};

void WritePayload(Writer& writer, const Call& call) {
  bool relative = call.program[0] != '/';
  size_t program_length = strlen(call.program);
  if (relative) {
    size_t directory_length = strlen(call.directory);
    writer.Number(directory_length + 1 + program_length);
    writer.Bytes(call.directory, directory_length);
    writer.Bytes("/", 1);
    writer.Bytes(call.program, program_length);
  } else {
    writer.Text(call.program, program_length);
  }
  writer.Text(call.directory);

  size_t arguments = call.argc > 1 ? static_cast<size_t>(call.argc) - 1 : 0;
  writer.Number(arguments);
  for (size_t i = 1; i <= arguments; ++i) writer.Text(call.argv[i]);

  size_t variables = 1;
  for (const char* name : kVariables) variables += getenv(name) != nullptr;
  writer.Number(variables);
  writer.Text(kStarted);
  writer.Text(call.started);
  for (const char* name : kVariables) {
    const char* value = getenv(name);
    if (value == nullptr) continue;
    writer.Text(name);
    writer.Text(value);
  }
}

// The working directory; "/" when it was deleted or lies outside our root, where it has no path.
const char* WorkingDirectory() {
  static char directory[PATH_MAX];
  if (getcwd(directory, sizeof(directory)) == nullptr || directory[0] != '/') return "/";
  return directory;
}

// The path as given to execve: argv[0] is only what the caller calls us, and /proc/self/exe would resolve symbolic
// links, while the name of the extension is the directory that this very path lies in.
const char* ProgramPath(char* const* argv) {
  // NOLINTNEXTLINE(performance-no-int-to-ptr): the auxiliary vector holds addresses as numbers (getauxval(3))
  const char* path = reinterpret_cast<const char*>(getauxval(AT_EXECFN));
  if (path != nullptr && path[0] != '\0') return path;
  return argv[0] != nullptr ? argv[0] : "unknown";
}

}  // namespace

Request EncodeRequest(int argc, char* const* argv) {
  Call call{.program = ProgramPath(argv), .directory = WorkingDirectory(), .argc = argc, .argv = argv, .started = {}};
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  snprintf(call.started, sizeof(call.started), "%lld%09ld", static_cast<long long>(now.tv_sec), now.tv_nsec);

  Writer measure(nullptr);
  WritePayload(measure, call);
  size_t payload = measure.length();
  if (payload > kMaximumPayload) {
    Fail("the arguments take %zu bytes, at most %zu can be sent", payload, kMaximumPayload);
  }

  size_t length = sizeof(kMagic) + sizeof(uint32_t) + payload;
  char* bytes = static_cast<char*>(malloc(length));
  if (bytes == nullptr) Fail("no memory for a request of %zu bytes", length);
  Writer writer(bytes);
  writer.Bytes(kMagic, sizeof(kMagic));
  writer.Number(payload);
  WritePayload(writer, call);
  return {bytes, length};
}

}  // namespace client
