#include "starter.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "complaint.h"
#include "places.h"
#include "transfer.h"

namespace client {
namespace {

// Where the lock lies in the daemon. Node closes inherited descriptors when it starts children, so they do not keep it.
constexpr int kInheritedLock = 3;

// What the caller's session has in its environment is no business of a daemon that outlives it.
// With an arena of malloc for each thread the daemon takes 15 MB more, and is not faster (the unit has the same,
// src/cli/install/units.ts).
constexpr const char* kEnvironment[] = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                                        "HOME=/root", "LANG=C.UTF-8", "MALLOC_ARENA_MAX=1", nullptr};
// A network takes six descriptors, and a session may allow some thousand. As in the unit.
constexpr rlim_t kDescriptors = 1'048'576;
constexpr const char* kArguments[] = {kNode, kDaemonScript, "daemon", nullptr};

void RequireFile(const char* path, int mode) {
  if (access(path, mode) == 0) return;
  Fail("cannot start the daemon: %s: %s (install it with 'cloudstack-netns install')", path, strerror(errno));
}

// Ignored signals and the mask survive exec; sshd and nohup leave both behind.
void ResetSignals() {
  struct sigaction standard {};
  standard.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) sigaction(number, &standard, nullptr);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

// The session's limit stays where the system allows no more.
void RaiseDescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_max >= kDescriptors) return;
  limit.rlim_cur = limit.rlim_max = kDescriptors;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// In the child. Returns only on failure, with errno set.
void BecomeDaemon(int lock, int report) {
  setsid();
  umask(077);
  ResetSignals();
  RaiseDescriptorLimit();
  if (chdir("/") < 0) return;

  int null = open("/dev/null", O_RDWR);
  if (null < 0) return;
  int complaints = open(kDaemonStderr, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_NOFOLLOW, 0600);
  if (complaints < 0) return;
  // An SSH session ends only when nobody holds its pipes any more: all three must go.
  if (dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 || dup2(complaints, STDERR_FILENO) < 0) return;

  // Move what stays out of the way of descriptor 3, then close everything behind it but the reporting pipe (which exec
  // closes).
  int kept_report = fcntl(report, F_DUPFD_CLOEXEC, kInheritedLock + 1);
  int kept_lock = fcntl(lock, F_DUPFD_CLOEXEC, kInheritedLock + 1);
  if (kept_report < 0 || kept_lock < 0 || dup2(kept_lock, kInheritedLock) < 0 ||
      dup2(kept_report, kInheritedLock + 1) < 0 || fcntl(kInheritedLock + 1, F_SETFD, FD_CLOEXEC) < 0 ||
      syscall(SYS_close_range, kInheritedLock + 2, ~0U, 0) < 0) {
    return;
  }
  execve(kNode, const_cast<char* const*>(kArguments), const_cast<char* const*>(kEnvironment));
}

// The line of the daemon's standard error that says most: the first with "rror" or our own prefix, else the first.
const char* ChooseLine(char* text) {
  const char* chosen = nullptr;
  for (char* line = strtok(text, "\n"); line != nullptr; line = strtok(nullptr, "\n")) {
    if (strncmp(line, "cloudstack-netns: ", 18) == 0) return line + 18;
    if (chosen == nullptr || (strstr(line, "rror") != nullptr && strstr(chosen, "rror") == nullptr)) chosen = line;
  }
  return chosen;
}

}  // namespace

Starter::~Starter() {
  if (lock_ >= 0) close(lock_);
}

bool Starter::TakeLock() {
  if (lock_ < 0) {
    if (mkdir(kRunDirectory, 0700) < 0 && errno != EEXIST) {
      Fail("cannot make %s: %s", kRunDirectory, strerror(errno));
    }
    lock_ = open(kLock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (lock_ < 0) Fail("cannot open %s: %s", kLock, strerror(errno));
  }
  if (flock(lock_, LOCK_EX | LOCK_NB) == 0) return true;
  if (errno == EWOULDBLOCK || errno == EINTR) return false;
  Fail("cannot lock %s: %s", kLock, strerror(errno));
}

void Starter::Start() {
  RequireFile(kNode, X_OK);
  RequireFile(kDaemonScript, R_OK);

  int report[2];
  if (pipe2(report, O_CLOEXEC) < 0) Fail("cannot start the daemon: %s", strerror(errno));
  daemon_ = fork();
  if (daemon_ < 0) Fail("cannot start the daemon: %s", strerror(errno));
  if (daemon_ == 0) {
    BecomeDaemon(lock_, report[1]);
    int reason = errno;
    // After a partial BecomeDaemon the pipe may lie at either number.
    if (!WriteAll(report[1], &reason, sizeof(reason))) WriteAll(kInheritedLock + 1, &reason, sizeof(reason));
    _exit(kFailure);
  }
  close(report[1]);
  int reason = 0;
  ssize_t got = ReadSome(report[0], &reason, sizeof(reason));
  close(report[0]);
  if (got == static_cast<ssize_t>(sizeof(reason))) {
    Fail("cannot start the daemon: %s: %s", kNode, strerror(reason));
  }
}

bool Starter::Ended() {
  if (daemon_ > 0 && !ended_) ended_ = waitpid(daemon_, &status_, WNOHANG) == daemon_;
  return ended_;
}

bool Starter::WasStopped() const { return WIFEXITED(status_) && WEXITSTATUS(status_) == 0; }

void Starter::Forget() {
  daemon_ = -1;
  ended_ = false;
}

void Starter::FailWithReason() {
  char text[8192];
  ssize_t length = -1;
  int complaints = open(kDaemonStderr, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (complaints >= 0) length = ReadSome(complaints, text, sizeof(text) - 1);
  text[length > 0 ? length : 0] = '\0';
  const char* line = ChooseLine(text);
  if (line != nullptr) Fail("the daemon could not start: %s (more in %s)", line, kDaemonStderr);
  if (WIFSIGNALED(status_)) {
    Fail("the daemon was killed by signal %d while starting", WTERMSIG(status_));
  }
  Fail("the daemon ended with exit code %d while starting and said nothing", WEXITSTATUS(status_));
}

}  // namespace client
