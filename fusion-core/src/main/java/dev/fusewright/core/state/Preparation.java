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
package dev.fusewright.core.state;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What {@code prepare_qat} does to a module, with PyTorch's default mapping and configurations: it
 * goes by the exact class, so that a subclass is left alone.
 */
enum Preparation {
  /** Nothing. */
  NONE,
  /** A fake-quantizer of its output becomes its child. */
  OBSERVED,
  /** It becomes a module of {@code torch.ao.nn.qat}: its weight and its output have one each. */
  QUANTIZED,
  /** A fake-quantizer of the range 0 to 1, which is not observed. */
  FIXED_UNSIGNED,
  /** A fake-quantizer of the range −1 to 1, which is not observed. */
  FIXED_SIGNED,
  /** Another module with other parameters takes its place, or PyTorch fails. */
  UNSUPPORTED;

  private static final Map<String, Preparation> BY_CLASS = new HashMap<>();

  static {
    put(
        OBSERVED,
        List.of(
            "ReLU6",
            "Hardswish",
            "ELU",
            "LeakyReLU",
            "PReLU",
            "LayerNorm",
            "GroupNorm",
            "InstanceNorm1d",
            "InstanceNorm2d",
            "InstanceNorm3d",
            "BatchNorm2d",
            "BatchNorm3d",
            "Conv1d",
            "ConvTranspose1d",
            "ConvTranspose2d",
            "ConvTranspose3d",
            "Embedding",
            "EmbeddingBag",
            "GRU",
            "GRUCell",
            "LSTMCell",
            "RNNCell",
            "QuantStub",
            "torch.ao.quantization.stubs.QuantStub",
            "torch.quantization.stubs.QuantStub"));
    put(QUANTIZED, List.of("Conv2d", "Conv3d", "Linear"));
    put(FIXED_UNSIGNED, List.of("Sigmoid", "Hardsigmoid", "Softmax"));
    put(FIXED_SIGNED, List.of("Tanh"));
    put(UNSUPPORTED, List.of("LSTM", "MultiheadAttention", "NonDynamicallyQuantizableLinear"));
  }

  private static void put(Preparation preparation, List<String> classes) {
    classes.forEach(name -> BY_CLASS.put(name, preparation));
  }

  /** Of a class: torch.nn's own by its last name, others in full. */
  static Preparation of(String type) {
    return BY_CLASS.getOrDefault(type, NONE);
  }
}
