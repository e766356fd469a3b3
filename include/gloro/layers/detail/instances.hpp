// What gloro::compiled has of a layer of the library beside its members (core/compiled.hpp): its casts, and
// the layer as AnyLayer holds it. A user's unit is told so after the layer's declaration, and need not make
// all that AnyLayer's functions call; it does so for layers of the user's own.
#pragma once

#include "gloro/layers/any_layer.hpp"

// NOLINTBEGIN(bugprone-macro-parentheses): types and declarations

/// `external`: `extern` in the layer's header, nothing where its bodies are compiled.
#define GLORO_HELD_LAYER_OF(external, Layer, Scalar)                                \
  external template std::unique_ptr<gloro::AnyLayer<Scalar>::Interface>             \
      gloro::AnyLayer<Scalar>::hold<gloro::Layer<Scalar>>(gloro::Layer<Scalar> &&); \
  external template const gloro::Layer<Scalar>*                                     \
  gloro::AnyLayer<Scalar>::as<gloro::Layer<Scalar>>() const;
#define GLORO_HELD_LAYER(external, Layer)     \
  GLORO_HELD_LAYER_OF(external, Layer, float) \
  GLORO_HELD_LAYER_OF(external, Layer, double)

/// All casts of a layer between float and double.
#define GLORO_LAYER_CASTS(Layer)                                           \
  template gloro::Layer<float> gloro::Layer<float>::cast<float>() const;   \
  template gloro::Layer<double> gloro::Layer<float>::cast<double>() const; \
  template gloro::Layer<float> gloro::Layer<double>::cast<float>() const;  \
  template gloro::Layer<double> gloro::Layer<double>::cast<double>() const;

/// Those of a layer made of layers, each of which AnyLayer casts to double only.
#define GLORO_COMPOSITE_CASTS(Layer)                                       \
  template gloro::Layer<float> gloro::Layer<float>::cast<float>() const;   \
  template gloro::Layer<double> gloro::Layer<float>::cast<double>() const; \
  template gloro::Layer<double> gloro::Layer<double>::cast<double>() const;

// NOLINTEND(bugprone-macro-parentheses)
