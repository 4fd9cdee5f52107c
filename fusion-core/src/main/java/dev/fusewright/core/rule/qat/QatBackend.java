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
package dev.fusewright.core.rule.qat;

import dev.fusewright.core.rule.FusedActivations;
import dev.fusewright.core.tensor.ChannelAxis;
import java.util.Optional;

/** How PyTorch's default QAT configuration of a backend quantizes weights. */
public enum QatBackend {
  /** Servers ({@code fbgemm}, {@code x86}): symmetric int8, one scale per output channel. */
  FBGEMM("fbgemm"),
  /** Phones ({@code qnnpack}): symmetric int8, one scale per weight. */
  QNNPACK("qnnpack");

  private final String text;

  QatBackend(String text) {
    this.text = text;
  }

  /** As {@code --qat-prepare} spells it. */
  public String text() {
    return text;
  }

  /**
   * The backend of this name.
   *
   * @throws IllegalArgumentException naming the known ones
   */
  public static QatBackend of(String text) {
    for (QatBackend backend : values()) {
      if (backend.text.equals(text)) {
        return backend;
      }
    }
    throw new IllegalArgumentException(
        "unknown backend '%s'; known are fbgemm and qnnpack".formatted(text));
  }

  /** What is fused for a backend; without one, what {@code fuse_modules_qat} fuses. */
  static FusedActivations fused(Optional<QatBackend> backend) {
    return FusedActivations.of(backend.map(QatBackend::text).orElse("native"));
  }

  /** The quantizer of weights whose output channels lie along axis 0. */
  public FakeQuantizer weightQuantizer() {
    return switch (this) {
      case FBGEMM -> FakeQuantizer.perChannel(ChannelAxis.of(0));
      case QNNPACK -> FakeQuantizer.perTensor();
    };
  }
}
