// CompensatedSum: a sum that carries along what each addition loses (Knuth's two-sum; Ogita, Rump and
// Oishi, "Accurate sum and dot product", 2005), so that its error is that of its terms and of one
// rounding, however many they are.
#pragma once

namespace gloro {

class CompensatedSum {
 public:
  explicit CompensatedSum(double start = 0) : sum_(start) {}

  void add(double term) {
    const double sum = sum_ + term, part = sum - sum_;
    lost_ += (sum_ - (sum - part)) + (term - part);
    sum_ = sum;
  }
  [[nodiscard]] double value() const { return sum_ + lost_; }

 private:
  double sum_, lost_ = 0;
};

}  // namespace gloro
