// Certifying one image asks the heap for nothing, once the buffers of a first call are there.
#include "catch.hpp"

#include <cstdlib>
#include <new>

#include "gloro/certify/certifier.hpp"
#include "networks.hpp"

namespace {

thread_local long allocations = 0;

void* counted(std::size_t bytes) {
  ++allocations;
  if (void* block = std::malloc(bytes > 0 ? bytes : 1)) return block;
  throw std::bad_alloc();
}
void* counted(std::size_t bytes, std::align_val_t alignment) {
  ++allocations;
  const auto align = static_cast<std::size_t>(alignment);
  if (void* block = std::aligned_alloc(align, (bytes + align) / align * align)) return block;
  throw std::bad_alloc();
}

}  // namespace

// For the whole test program. malloc's memory may be freed by any of the forms of delete.
void* operator new(std::size_t bytes) { return counted(bytes); }
void* operator new[](std::size_t bytes) { return counted(bytes); }
void* operator new(std::size_t bytes, std::align_val_t align) { return counted(bytes, align); }
void* operator new[](std::size_t bytes, std::align_val_t align) { return counted(bytes, align); }
void operator delete(void* block) noexcept { std::free(block); }
void operator delete[](void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t) noexcept { std::free(block); }
void operator delete[](void* block, std::size_t) noexcept { std::free(block); }
void operator delete(void* block, std::align_val_t) noexcept { std::free(block); }
void operator delete[](void* block, std::align_val_t) noexcept { std::free(block); }
void operator delete(void* block, std::size_t, std::align_val_t) noexcept { std::free(block); }
void operator delete[](void* block, std::size_t, std::align_val_t) noexcept { std::free(block); }

using namespace gloro;

TEST_CASE("certifying one image allocates nothing after the first call") {
  Workers workers(3);
  for (int family = 0; family < networks::families; ++family) {
    const auto model = networks::random_network(family, 21);
    const Certifier<float> certifier(model);
    const auto image = networks::random_batch<float>(model.input_shape(), 1, Random(6));
    const double radius = certifier.certify(image).radius;
    // Settled by float, left to double, refused.
    for (const double epsilon : {radius / 2, radius, 10.0})
      (void)certifier.certify_at(image, epsilon);

    const long before = allocations;
    const Certificate best = certifier.certify(image);
    const Certificate sure = certifier.certify_at(image, radius / 2);
    const Certificate edge = certifier.certify_at(image, radius);
    const Certificate none = certifier.certify_at(image, 10);
    CHECK(allocations == before);
    (void)certifier.certify_one(image, workers);
    const long with_workers = allocations;
    CHECK(certifier.certify_one(image, workers).radius == radius);
    CHECK(certifier.certify_one_at(image, radius / 2, workers).radius == sure.radius);
    CHECK(certifier.certify_one_at(image, radius, workers).abstains());
    CHECK(allocations == with_workers);
    CHECK(best.radius == radius);
    CHECK(sure.label == best.label);
    CHECK(edge.abstains());
    CHECK(none.abstains());
  }
}
