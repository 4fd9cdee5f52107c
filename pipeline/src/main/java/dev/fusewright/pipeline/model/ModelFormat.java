/*
 * Copyright the Fusewright authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except
 * in compliance with the License. You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License
 * is distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express
 * or implied. See the License for the specific language governing permissions and limitations under
 * the License.
 */
package dev.fusewright.pipeline.model;

import dev.fusewright.io.format.CheckpointFormat;
import dev.fusewright.pipeline.settings.Spelling;
import java.util.Locale;

/** What a model is, as catalogues and reports spell it. */
public enum ModelFormat {
  /** A graph with its weights. */
  ONNX,
  /** State dicts in any of PyTorch's files; what is published is always its zip archive. */
  PYTORCH,
  /** A state dict in a safetensors file. */
  SAFETENSORS;

  String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The format called {@code text}.
   *
   * @throws IllegalArgumentException if there is none
   */
  static ModelFormat named(String text) {
    return Spelling.of(ModelFormat.class, "format", text);
  }

  /**
   * The format of a file.
   *
   * @param detected by its bytes
   * @param name of the file, which decides whose error a file of no known bytes ends in
   */
  public static ModelFormat of(CheckpointFormat detected, String name) {
    return switch (detected) {
      case ONNX -> ONNX;
      case TORCH_ZIP, TORCH_LEGACY, TORCHSCRIPT -> PYTORCH;
      case SAFETENSORS -> SAFETENSORS;
      case UNKNOWN -> name.matches("(?i).*\\.(pt|pth|th|safetensors)") ? PYTORCH : ONNX;
    };
  }
}
