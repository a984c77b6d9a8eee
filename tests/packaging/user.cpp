// A C++ program outside the tree, found by find_package(exoref).
#include <exoref/exoref.hpp>
#include <iostream>

int main(int argc, char **argv) try {
    auto client = exoref::client::open(argc > 1 ? argv[1] : "");
    auto atom = exoref::atom::create(client, "packaging", "");
    atom.reset("hello");
    const auto value = atom.swap([](const exoref::value &old) { return old.str() + " from C++"; });
    std::cout << exoref_version() << ": " << value.view() << '\n';
    return value == "hello from C++" && exoref_version_number() / 10000 == EXOREF_VERSION_MAJOR ? 0 : 1;
} catch (const exoref::error &e) {
    std::cerr << e.what() << '\n';
    return 1;
}
