// cmocka for C++: with the headers that it wants before it, and those that its macro fail() would break.
#pragma once

#include <csetjmp>
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

extern "C" {
#include <cmocka.h>
}
