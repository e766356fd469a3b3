#pragma once

namespace bench {

/// How often this thread has asked the heap for memory, in a program with allocations.cpp.
long allocations();

}  // namespace bench
