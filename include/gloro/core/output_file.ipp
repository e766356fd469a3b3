// The bodies of output_file.hpp: what an OutputFile is on a system with POSIX, and on another.
#pragma once

#include "gloro/core/output_file.hpp"

#include "gloro/core/compiled.hpp"
#if defined(__unix__) || defined(__APPLE__)
#include "gloro/core/detail/output_state.hpp"
#else
#include "gloro/core/detail/output_state_without_posix.hpp"
#endif

namespace gloro {

GLORO_INLINE OutputFile::OutputFile(OutputFile&&) noexcept = default;
GLORO_INLINE OutputFile::~OutputFile() = default;

GLORO_INLINE const std::filesystem::path& OutputFile::path() const { return state_->path(); }
GLORO_INLINE bool OutputFile::is_stream() const { return state_->is_stream(); }
GLORO_INLINE bool OutputFile::is_standard_output() const { return state_->is_standard_output(); }

GLORO_INLINE void OutputFile::write(const void* data, std::size_t bytes) {
  state_->write(data, bytes);
}
GLORO_INLINE void OutputFile::commit() { state_->commit(); }

GLORO_INLINE OutputFile::OutputFile(Given, const std::filesystem::path& path)
    : state_(std::make_unique<detail::OutputState>(path)) {}

GLORO_INLINE void require_apart(const std::vector<const OutputFile*>& outputs,
                                const std::vector<std::filesystem::path>& inputs) {
  std::vector<const detail::OutputState*> states;
  states.reserve(outputs.size());
  for (const OutputFile* const output : outputs) states.push_back(output->state_.get());
  detail::OutputState::require_apart(states, inputs);
}

}  // namespace gloro
