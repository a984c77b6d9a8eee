// A fresh folder of its own for a test, with a path short enough for a socket, removed at the end: by the
// destructor, or when the program exits after a test was left by longjmp.
#pragma once

#include <string>

namespace exo::support {

class TempDir {
public:
    TempDir();
    ~TempDir();
    TempDir(const TempDir &) = delete;
    TempDir &operator=(const TempDir &) = delete;

    const std::string &path() const { return path_; }
    std::string file(const std::string &name) const { return path_ + "/" + name; }

private:
    std::string path_;
};

}  // namespace exo::support
