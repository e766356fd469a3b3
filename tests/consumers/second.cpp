// The second translation unit that includes everything.
#include <gloro/gloro.hpp>

gloro::Index second_size();

gloro::Index second_size() { return gloro::Shape{28, 28, 1}.size(); }
