// A C++ program outside the tree, found by find_package(exoref).
#include <exoref/exoref.hpp>

#include <cstdio>

int main() {
    std::puts(exoref_version());
    return exoref_version_number() / 10000 == EXOREF_VERSION_MAJOR ? 0 : 1;
}
