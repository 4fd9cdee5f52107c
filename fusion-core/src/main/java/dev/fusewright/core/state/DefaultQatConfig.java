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

import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** PyTorch's {@code get_default_qat_qconfig(backend, version)}, as far as a state dict shows it. */
public enum DefaultQatConfig {
  /** Weights per channel. */
  FBGEMM(Shape.of(0), ElementType.INT64),
  /** As fbgemm; the name that newer PyTorch gives it. */
  X86(Shape.of(0), ElementType.INT64),
  /** Weights per tensor. */
  QNNPACK(Shape.SCALAR, ElementType.INT64),
  /** fbgemm's version 0, whose enabled flags are bytes. */
  FBGEMM_V0(Shape.of(0), ElementType.UINT8);

  private static final float EPSILON = 0x1p-23f;

  private final Shape weightRange;
  private final ElementType flags;

  DefaultQatConfig(Shape weightRange, ElementType flags) {
    this.weightRange = weightRange;
    this.flags = flags;
  }

  /** The backend of PyTorch's name, such as {@code fbgemm}. */
  public static Optional<DefaultQatConfig> named(String name) {
    for (DefaultQatConfig backend : values()) {
      if (backend.name().toLowerCase(Locale.ROOT).equals(name)) {
        return Optional.of(backend);
      }
    }
    return Optional.empty();
  }

  /** A fake-quantizer's own entries before it has seen anything. */
  Map<String, StateEntry> fakeQuantizer() {
    Map<String, StateEntry> entries = new LinkedHashMap<>();
    put(entries, "fake_quant_enabled", LiteralTensor.ofDoubles(flags, Shape.of(1), 1));
    put(entries, "observer_enabled", LiteralTensor.ofDoubles(flags, Shape.of(1), 1));
    put(entries, "scale", LiteralTensor.ofFloats(Shape.of(1), 1));
    put(entries, "zero_point", LiteralTensor.ofDoubles(ElementType.INT32, Shape.of(1), 0));
    return entries;
  }

  /** The entries of the observer of a weight: an empty range per channel, or none per tensor. */
  Map<String, StateEntry> weightObserver() {
    return observer(weightRange);
  }

  /** The entries of the observer of an activation. */
  Map<String, StateEntry> activationObserver() {
    return observer(Shape.SCALAR);
  }

  /** A fake-quantizer of a range that does not depend on data, and its observer. */
  static Map<String, StateEntry> fixedQuantizer(float scale, int zeroPoint) {
    Map<String, StateEntry> entries = new LinkedHashMap<>();
    put(entries, "fake_quant_enabled", LiteralTensor.ofDoubles(ElementType.UINT8, Shape.of(1), 1));
    put(entries, "observer_enabled", LiteralTensor.ofDoubles(ElementType.UINT8, Shape.of(1), 1));
    entries.putAll(fixedObserver(scale, zeroPoint));
    return entries;
  }

  /** The entries of the observer of a fixed range: the range. */
  static Map<String, StateEntry> fixedObserver(float scale, int zeroPoint) {
    Map<String, StateEntry> entries = new LinkedHashMap<>();
    put(entries, "scale", LiteralTensor.ofFloats(Shape.of(1), scale));
    put(entries, "zero_point", LiteralTensor.ofDoubles(ElementType.INT32, Shape.of(1), zeroPoint));
    return entries;
  }

  private static Map<String, StateEntry> observer(Shape range) {
    Map<String, StateEntry> entries = new LinkedHashMap<>();
    put(entries, "eps", LiteralTensor.ofFloats(Shape.of(1), EPSILON));
    put(entries, "min_val", extreme(range, Float.POSITIVE_INFINITY));
    put(entries, "max_val", extreme(range, Float.NEGATIVE_INFINITY));
    return entries;
  }

  private static Tensor extreme(Shape range, float value) {
    return range.rank() == 0 ? LiteralTensor.ofFloats(range, value) : LiteralTensor.ofFloats(range);
  }

  private static void put(Map<String, StateEntry> entries, String name, Tensor tensor) {
    entries.put(name, new StateEntry.Parameter(tensor));
  }
}
