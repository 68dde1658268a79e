#include "store/dir_owner.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace shale {

namespace {

Status Refused(const std::string& what) {
  return Status::Error(Code::E_INCOMPATIBLE, what + "; with open.shared_directory it is used all the same");
}

std::string UserText(uid_t owner) {
  return "user " + std::to_string(owner);
}

std::string ModeText(mode_t mode) {
  char text[16];
  std::snprintf(text, sizeof text, "%04o", static_cast<unsigned>(mode & 07777));
  return text;
}

Status CheckParent(const Fd& dir, const std::string& path, uid_t self) {
  struct stat st;
  if (fstatat(dir.get(), "..", &st, AT_SYMLINK_NOFOLLOW) != 0) {
    if (errno == EACCES) return Status::Ok();   // it cannot even be looked at
    return Status::FromErrno(path + "/..", errno);
  }
  if (st.st_uid != self && st.st_uid != 0) {
    return Refused(path + ": the directory above belongs to " + UserText(st.st_uid) + ", not to " +
                   UserText(self) + " or root");
  }
  if ((st.st_mode & S_IWOTH) == 0 || (st.st_mode & S_ISVTX) != 0) return Status::Ok();
  return Refused(path + ": the directory above has mode " + ModeText(st.st_mode) +
                 ": everybody could put another in this one's place");
}

}   // namespace

Status CheckDirectoryIsOurs(const Fd& dir, const std::string& path) {
  struct stat st;
  if (fstat(dir.get(), &st) != 0) return Status::FromErrno(path, errno);
  const uid_t self = geteuid();
  if (st.st_uid != self)
    return Refused(path + ": the directory belongs to " + UserText(st.st_uid) + ", not to " + UserText(self));
  if ((st.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return Refused(path + ": the directory has mode " + ModeText(st.st_mode) +
                   ": others may write to it (chmod go-w)");
  }
  return CheckParent(dir, path, self);
}

}   // namespace shale
