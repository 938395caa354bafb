// Many small files at once. A system call takes some microseconds from here, several times that from JavaScript, and
// ten thousand files take two of them each that may be made side by side.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "kernel/failure.h"

namespace kernel {

struct BatchedFile {
  std::string path;   // relative to the batch's root; symbolic links below that are not followed
  size_t offset = 0;  // where its content lies among those of the batch
  size_t size = 0;
};

struct FileBatch {
  std::string root;
  std::vector<BatchedFile> files;
  std::vector<uint8_t> contents;
};

enum class FileState : uint8_t {
  absent,
  same,   // a regular file with this content
  other,  // anything else
};

// Makes the files, 0600, none of which may be there, and the directories that are missing on their way, 0700. With
// `flush` all of it is on disk afterwards. A failure leaves what was made before it.
Failure build_files(const FileBatch& batch, bool flush);

// What is there of each.
Failure compare_files(const FileBatch& batch, std::vector<FileState>& states);

enum class Removal : uint8_t {
  absent,     // there was nothing
  removed,    // whatever it was, a symbolic link included
  directory,  // is there still
};

// Takes the files away. The contents do not count. A failure leaves those after it.
Failure remove_files(const FileBatch& batch, std::vector<Removal>& removals);

// Has the files on disk; those that are not there any more are left out. The contents do not count.
Failure flush_files(const FileBatch& batch);

}  // namespace kernel
