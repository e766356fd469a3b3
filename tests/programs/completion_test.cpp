// Completion, as it happens when a person presses the tabulator key, in each shell that is there.
#include <string>

#include "programs/run.hpp"

using programs::Folder;
using programs::Outcome;

namespace {

bool is_there(const Folder& folder, const std::string& shell) {
  if (!folder.run("command -v " + shell + " || true").out.empty()) return true;
  WARN(shell << " is not there: its completion is not tested");
  return false;
}

/// What a shell, begun by `command`, shows when these keys are pressed; it traces what it runs.
std::string typed(const Folder& folder, const std::string& command, const std::string& keys) {
  programs::write(folder / "keys", keys + "\nexit\n");
  return folder.run("TERM=dumb script -qec '" + command + "' typescript <keys || true").out;
}

}  // namespace

TEST_CASE("bash completes commands, options, their values and paths") {
  const Folder folder;
  if (!is_there(folder, "bash")) return;
  programs::write(folder / "rc", "source <(gloro completion bash)\nPS1=\nPS4='+ '\nset -x\n");
  programs::write(folder / "my model.safetensors", "");
  const auto line = [&](const std::string& keys) {
    return typed(folder, "bash --rcfile rc --noprofile -i", keys);
  };
  CHECK_THAT(line("gloro vers\t"), ContainsText("+ gloro version"));
  CHECK_THAT(line("gloro train --dataset fash\t--help"),
             ContainsText("+ gloro train --dataset fashion-mnist --help"));
  CHECK_THAT(line("gloro certify my\t--limi\t3 --labels my\t--help"),
             ContainsText("+ gloro certify 'my model.safetensors' --limit 3 --labels "
                          "'my model.safetensors' --help"));
  CHECK_THAT(line("gloro completion zs\t--help"), ContainsText("+ gloro completion zsh --help"));
  // A number is no path.
  CHECK_THAT(line("gloro certify --limit my\t--help"),
             ContainsText("+ gloro certify --limit my--help"));
}

TEST_CASE("zsh completes commands, options, their values and paths") {
  const Folder folder;
  if (!is_there(folder, "zsh")) return;
  programs::write(folder / ".zshrc",
                  "autoload -U compinit && compinit -u -D\nsource <(gloro completion zsh)\n"
                  "PS1= PS4='+ '\nunsetopt prompt_sp\nsetopt xtrace\n");
  programs::write(folder / "my.safetensors", "");
  const auto line = [&](const std::string& keys) {
    return typed(folder, "env ZDOTDIR=. zsh -d -i", keys);
  };
  CHECK_THAT(line("gloro vers\t"), ContainsText("+ gloro version"));
  CHECK_THAT(line("gloro train --dataset fash\t--help"),
             ContainsText("+ gloro train --dataset fashion-mnist --help"));
  CHECK_THAT(line("gloro certify my\t--limi\t3 --help"),
             ContainsText("+ gloro certify my.safetensors --limit 3 --help"));
}

TEST_CASE("fish completes commands, options, their values and paths") {
  const Folder folder;
  if (!is_there(folder, "fish")) return;
  programs::write(folder / "my.safetensors", "");
  const auto offered = [&](const std::string& line) {
    const Outcome outcome = folder.run(
        "HOME=. fish -N -c 'gloro completion fish | source; complete -C \"" + line + "\"'");
    INFO(outcome.err);
    CHECK(outcome.code == 0);
    return outcome.out;
  };
  CHECK_THAT(offered("gloro cert"), ContainsText("certify\tCertifies images"));
  CHECK_THAT(offered("gloro train --dataset fash"), ContainsText("fashion-mnist"));
  CHECK_THAT(offered("gloro certify --limi"), ContainsText("--limit\tonly the first N images"));
  CHECK_THAT(offered("gloro certify my"), ContainsText("my.safetensors"));
  CHECK(offered("gloro certify --limit my").empty());
}
