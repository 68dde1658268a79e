// A thread inherits the signal mask of the one that makes it, and the host's signal handlers must never run
// on a thread of ours: while this lives, threads are made with all signals blocked.
#pragma once

#include <csignal>

namespace shale {

class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;

 private:
  sigset_t before_;
};

}   // namespace shale
