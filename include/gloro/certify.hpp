// What certifies a network that is there: from a file (io/model_file.hpp), or trained (train.hpp).
#pragma once

#include "gloro/certify/certificate.hpp"
#include "gloro/certify/certified_metrics.hpp"
#include "gloro/certify/certifier.hpp"
#include "gloro/certify/summary.hpp"
#include "gloro/data/dataset.hpp"
#include "gloro/model/gloro_model.hpp"
