#include "kernel/file_batch.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>
#include <unordered_set>

#include "kernel/file_descriptor.h"

namespace kernel {

namespace {

// Files that are open at once: far below a process's limit.
constexpr size_t flushed_at_once = 128;

// glibc has no wrapper.
FileDescriptor open_below(int root, const char* path, uint64_t flags) {
  open_how how{};
  how.flags = flags | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
  return FileDescriptor(static_cast<int>(syscall(SYS_openat2, root, path, &how, sizeof(how))));
}

Failure open_root(const std::string& path, FileDescriptor& root) {
  root = FileDescriptor(open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  return root.open() ? Failure() : Failure{errno, "open", path};
}

// The directory of one file after the other: neighbours mostly lie in the same.
class Parent {
 public:
  explicit Parent(int root) : root_(root) {}

  // False, with errno, when the directory of `path` cannot be opened.
  bool enter(const std::string& path) {
    const size_t slash = path.rfind('/');
    const std::string_view wanted(path.data(), slash == std::string::npos ? 0 : slash);
    if (directory_.open() && wanted == path_) return true;
    path_ = wanted;
    directory_ = open_below(root_, path_.empty() ? "." : path_.c_str(), O_PATH | O_DIRECTORY);
    return directory_.open();
  }
  int descriptor() const { return directory_.number(); }
  // Of a file in it.
  static const char* name(const std::string& path) { return path.c_str() + path.rfind('/') + 1; }

 private:
  int root_;
  std::string path_;
  FileDescriptor directory_;
};

Failure write_all(int descriptor, const uint8_t* bytes, size_t size, const std::string& path) {
  while (size > 0) {
    const ssize_t written = write(descriptor, bytes, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return {errno, "write", path};
    bytes += written;
    size -= static_cast<size_t>(written);
  }
  return {};
}

// Starts writing all of them before it waits for the first, so that one commit of the file system's journal is enough:
// 14 files take 2.5 ms instead of 6.6.
Failure flush_all(std::vector<FileDescriptor>& files, const std::vector<const std::string*>& paths) {
  for (const FileDescriptor& file : files) sync_file_range(file.number(), 0, 0, SYNC_FILE_RANGE_WRITE);
  for (size_t index = 0; index < files.size(); ++index) {
    if (fdatasync(files[index].number()) < 0) return {errno, "fdatasync", *paths[index]};
  }
  files.clear();
  return {};
}

// Builds the files of one batch.
class Builder {
 public:
  Builder(const FileBatch& batch, bool flush) : batch_(batch), flush_(flush) {}

  Failure build() {
    if (Failure failure = open_root(batch_.root, root_)) return failure;
    parent_.emplace(root_.number());
    for (const BatchedFile& file : batch_.files) {
      if (Failure failure = make(file)) return failure;
      if (open_.size() == flushed_at_once) {
        if (Failure failure = flush()) return failure;
      }
    }
    if (Failure failure = flush()) return failure;
    return flush_ ? flush_directories() : Failure();
  }

 private:
  Failure make(const BatchedFile& file) {
    Parent& parent = *parent_;
    if (!parent.enter(file.path)) {
      if (errno != ENOENT) return {errno, "open", file.path};
      if (Failure failure = make_parents(file.path)) return failure;
      if (!parent.enter(file.path)) return {errno, "open", file.path};
    }
    FileDescriptor made(openat(parent.descriptor(), Parent::name(file.path),
                               O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR));
    if (!made.open()) return {errno, "open", file.path};
    if (Failure failure = write_all(made.number(), batch_.contents.data() + file.offset, file.size, file.path)) {
      return failure;
    }
    if (!flush_) return {};
    open_.push_back(std::move(made));
    paths_.push_back(&file.path);
    return {};
  }

  // Somebody else may be making the same ones.
  Failure make_parents(const std::string& path) {
    for (size_t end = path.find('/'); end != std::string::npos; end = path.find('/', end + 1)) {
      std::string directory = path.substr(0, end);
      if (known_.contains(directory)) continue;
      if (mkdirat(root_.number(), directory.c_str(), S_IRWXU) == 0) {
        directories_.push_back(directory);
      } else if (errno != EEXIST) {
        return {errno, "mkdir", std::move(directory)};
      }
      known_.insert(std::move(directory));
    }
    return {};
  }

  Failure flush() {
    Failure failure = flush_all(open_, paths_);
    paths_.clear();
    return failure;
  }

  Failure flush_directories() {
    for (const std::string& path : directories_) {
      const FileDescriptor directory = open_below(root_.number(), path.c_str(), O_RDONLY | O_DIRECTORY);
      if (!directory.open()) return {errno, "open", path};
      if (fsync(directory.number()) < 0) return {errno, "fsync", path};
    }
    return {};
  }

  const FileBatch& batch_;
  const bool flush_;
  FileDescriptor root_;
  std::optional<Parent> parent_;
  std::unordered_set<std::string> known_;  // directories that are there
  std::vector<FileDescriptor> open_;       // not flushed yet
  std::vector<const std::string*> paths_;  // of those
  std::vector<std::string> directories_;   // made here
};

// Whether what is left to read of an open file is this.
bool has_content(int descriptor, const uint8_t* expected, size_t size) {
  std::array<uint8_t, 16384> part{};
  for (;;) {
    const ssize_t length = read(descriptor, part.data(), part.size());
    if (length < 0 && errno == EINTR) continue;
    if (length <= 0) return length == 0 && size == 0;
    const auto count = static_cast<size_t>(length);
    if (count > size || std::memcmp(part.data(), expected, count) != 0) return false;
    expected += count;
    size -= count;
  }
}

FileState state_of(Parent& parent, const BatchedFile& file, const uint8_t* expected) {
  const auto refusal = [] { return errno == ENOENT || errno == ENOTDIR ? FileState::absent : FileState::other; };
  if (!parent.enter(file.path)) return refusal();
  const FileDescriptor found(
      openat(parent.descriptor(), Parent::name(file.path), O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC));
  if (!found.open()) return refusal();
  struct stat status {};
  if (fstat(found.number(), &status) < 0 || !S_ISREG(status.st_mode)) return FileState::other;
  if (static_cast<size_t>(status.st_size) != file.size) return FileState::other;
  return has_content(found.number(), expected, file.size) ? FileState::same : FileState::other;
}

}  // namespace

Failure build_files(const FileBatch& batch, bool flush) { return Builder(batch, flush).build(); }

Failure compare_files(const FileBatch& batch, std::vector<FileState>& states) {
  FileDescriptor root;
  states.assign(batch.files.size(), FileState::absent);
  if (Failure failure = open_root(batch.root, root)) {
    return failure.error == ENOENT ? Failure() : std::move(failure);
  }
  Parent parent(root.number());
  std::transform(batch.files.begin(), batch.files.end(), states.begin(),
                 [&](const BatchedFile& file) { return state_of(parent, file, batch.contents.data() + file.offset); });
  return {};
}

Failure remove_files(const FileBatch& batch, std::vector<Removal>& removals) {
  const auto is_absent = [] { return errno == ENOENT || errno == ENOTDIR; };
  FileDescriptor root;
  removals.assign(batch.files.size(), Removal::absent);
  if (Failure failure = open_root(batch.root, root)) {
    return failure.error == ENOENT ? Failure() : std::move(failure);
  }
  Parent parent(root.number());
  for (size_t index = 0; index < batch.files.size(); ++index) {
    const std::string& path = batch.files[index].path;
    if (!parent.enter(path)) {
      if (!is_absent()) return {errno, "open", path};
    } else if (unlinkat(parent.descriptor(), Parent::name(path), 0) == 0) {
      removals[index] = Removal::removed;
    } else if (errno == EISDIR) {
      removals[index] = Removal::directory;
    } else if (!is_absent()) {
      return {errno, "unlink", path};
    }
  }
  return {};
}

Failure flush_files(const FileBatch& batch) {
  FileDescriptor root;
  if (Failure failure = open_root(batch.root, root)) return failure;
  std::vector<FileDescriptor> files;
  std::vector<const std::string*> paths;
  for (const BatchedFile& file : batch.files) {
    FileDescriptor found = open_below(root.number(), file.path.c_str(), O_RDONLY | O_NONBLOCK);
    if (!found.open() && errno == ENOENT) continue;
    if (!found.open()) return {errno, "open", file.path};
    files.push_back(std::move(found));
    paths.push_back(&file.path);
    if (files.size() < flushed_at_once) continue;
    if (Failure failure = flush_all(files, paths)) return failure;
    paths.clear();
  }
  return flush_all(files, paths);
}

}  // namespace kernel
