// The one include for users: what trains, and what certifies. Attacks (attack/), model files (io/), reports
// (report/), the words of a command line (wording/) and checks of one's own layer (testing/) are included by
// themselves; so is one half of it: train.hpp, certify.hpp.
#pragma once

#include "gloro/certify.hpp"
#include "gloro/train.hpp"
#include "gloro/version.hpp"
