// A piece of work for a worker thread.
#pragma once

#include "kernel/namespace_visit.h"
#include "kernel/worker_context.h"

namespace kernel {

class Task {
 public:
  Task() = default;
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  virtual ~Task() = default;
  // Says whether the thread may go on working. May be destroyed on any thread afterwards, and without having run when
  // the pool stops.
  virtual Thread run(WorkerContext& worker) = 0;
};

}  // namespace kernel
