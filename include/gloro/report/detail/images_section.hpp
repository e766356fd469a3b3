// Images with their answers: the hardest and the easiest to change, the rejected, the wrong.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "gloro/report/detail/answers.hpp"
#include "gloro/report/detail/bitmap.hpp"
#include "gloro/report/detail/page.hpp"
#include "gloro/report/detail/text.hpp"

namespace gloro::report {

[[nodiscard]] inline std::string image_figure(const Page& page, const Answer& answer) {
  std::string words = joined("<span class=\"soft\">image ", answer.index, "</span><br>");
  if (page.labelled && !answer.is_right())
    words += joined("<span class=\"wrong\">✗ ", page.class_name(answer.top), "</span>, label ",
                    page.class_name(answer.truth));
  else
    words += page.class_name(answer.top);
  if (const std::vector<int> classes = answer.proved.classes(); classes.size() > 1)
    words += "<br>one of " + page.class_list(classes);
  const double radius = answer.proved.set_radius();
  words += radius > 0 ? "<br>radius " + radius_text(radius) : "<br>nothing proved";
  std::string picture_of;
  if (is_picture(page.input.images.shape()))
    picture_of = joined("<img alt=\"image ", answer.index, "\" src=\"",
                        picture(page.input.images.image<double>(answer.index)), "\">");
  if (answer.moved_to != abstain) {
    words += joined("<br>moved at ", fixed(answer.moved_at, 4), " to ",
                    page.class_name(answer.moved_to));
    if (!picture_of.empty())
      picture_of = joined("<span class=\"pair\">", picture_of, "<img alt=\"image ", answer.index,
                          ", moved\" src=\"",
                          picture(samples_as<double>(page.input.attack.points, answer.index, 1)),
                          "\"></span>");
  }
  return "<figure>" + picture_of + "<figcaption>" + words + "</figcaption></figure>\n";
}

[[nodiscard]] inline std::string images_section(const Page& page) {
  constexpr std::size_t most = 16;  // images of a kind
  std::string out = "<section id=\"images\">\n<h2>Images</h2>\n";
  if (!page.input.attack.empty())
    out +=
        "<p>Beside an image stands the nearest that an attack found where the network's top class "
        "is "
        "another. Up to the radius nothing changes the answer, by proof; from the second distance "
        "on "
        "something does; in between nobody knows.</p>\n";
  const auto group = [&](const char* id, const std::string& title, const std::string& note,
                         auto selected, bool largest_first) {
    std::vector<Answer> some;
    for (const Answer& answer : page.all)
      if (selected(answer)) some.push_back(answer);
    if (some.empty()) return;
    const double sign = largest_first ? -1 : 1;
    std::sort(some.begin(), some.end(), [&](const Answer& a, const Answer& b) {
      return std::pair(sign * a.proved.set_radius(), a.index) <
             std::pair(sign * b.proved.set_radius(), b.index);
    });
    out +=
        joined("<h3 id=\"", id, "\">", title, "</h3>\n<p class=\"note\">", note,
               some.size() > most ? joined(" ", most, " of ", some.size(), ".") : "",
               "</p>\n<div class=\"images", page.input.attack.empty() ? "" : " attacked", "\">\n");
    for (std::size_t i = 0; i < some.size() && i < most; ++i) out += image_figure(page, some[i]);
    out += "</div>\n";
  };
  const double epsilon = page.input.epsilon;
  const auto proved = [](const Answer& a) { return a.is_certified(0); };
  if (!page.input.attack.empty()) {
    std::vector<double> shares;
    for (const Answer& a : page.all)
      if (a.moved_to != abstain && a.moved_at > 0) shares.push_back(a.proved.radius / a.moved_at);
    std::sort(shares.begin(), shares.end());
    if (!shares.empty())
      out += joined("<p>Of the distance to it the proof covers ",
                    fixed(100 * shares[(shares.size() - 1) / 2], 1), " % in the median and ",
                    fixed(100 * shares.back(), 1), " % at most, of ", shares.size(),
                    " images that were moved.</p>\n");
  }
  group("largest", "Largest radii", "The answers that are hardest to change.", proved, true);
  group("smallest", "Smallest radii", "Proved at the image itself, and hardly beyond it.", proved,
        false);
  group(
      "rejected", "Rejected at ε = " + page.epsilon,
      "The network answers ⊥; first those that came closest.",
      [&](const Answer& a) { return !a.is_certified(epsilon); }, true);
  if (page.labelled)
    group(
        "wrong", "Certified at ε = " + page.epsilon + ", but wrong",
        "A certificate proves that an answer is stable, not that it is true.",
        [&](const Answer& a) { return a.is_certified(epsilon) && !a.is_verified(epsilon); }, true);
  return out + "</section>\n";
}

}  // namespace gloro::report
