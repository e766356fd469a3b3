// CsvLog: one line an epoch, for plots and reports. A resumed run goes on in the same file.
#pragma once

#include <filesystem>
#include <fstream>
#include <locale>
#include <utility>

#include "gloro/core/error.hpp"
#include "gloro/train/trainer.hpp"

namespace gloro {

class CsvLog {
 public:
  /// Appends to `path`, with a heading if the file is new. Throws FileError if it cannot be written.
  explicit CsvLog(std::filesystem::path path) : path_(std::move(path)) {
    std::error_code ignored;
    const bool is_new = std::filesystem::file_size(path_, ignored) == 0 || ignored;
    out_.imbue(std::locale::classic());
    out_.open(path_, std::ios::app);
    if (is_new)
      out_ << "epoch,epsilon,learning_rate,lambda_factor,loss,train_clean,train_vra,test_clean,"
              "test_vra,test_rejected,lipschitz,seconds\n";
    check();
  }

  void epoch(const EpochReport& report) {
    const StepReport& last = report.last;
    double lipschitz = 1;
    for (const double constant : report.lipschitz) lipschitz *= constant;
    out_ << last.epoch + 1 << ',' << last.epsilon << ',' << last.learning_rate << ','
         << last.lambda_factor << ',' << last.train.mean_loss() << ','
         << last.train.clean_accuracy() << ',' << last.train.vra() << ','
         << report.test.clean_accuracy() << ',' << report.test.vra() << ','
         << report.test.rejection_rate() << ',' << lipschitz << ',' << report.seconds << '\n';
    out_.flush();
    check();
  }

 private:
  void check() const {
    if (!out_) throw FileError(message(path_.string(), ": cannot be written"));
  }

  std::filesystem::path path_;
  std::ofstream out_;
};

}  // namespace gloro
