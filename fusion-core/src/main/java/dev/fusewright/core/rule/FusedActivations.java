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
package dev.fusewright.core.rule;

import dev.fusewright.core.analysis.Activation;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Which activations a backend of PyTorch's fuses, and behind what: the one table for rules on
 * graphs, module lists and state dicts.
 *
 * <p>An activation that a backend fuses is a constant of {@link Activation} with an operator of its
 * own, and an entry here.
 */
public final class FusedActivations {
  /**
   * PyTorch's {@code DEFAULT_OP_LIST_TO_FUSER_METHOD}, the table of {@code fuse_modules} and {@code
   * fuse_modules_qat}: ReLU and nothing else.
   */
  public static final FusedActivations NATIVE =
      new FusedActivations(
          Map.of(
              Predecessor.CONV, List.of(Activation.RELU),
              Predecessor.CONV_NORM, List.of(Activation.RELU),
              Predecessor.LINEAR, List.of(Activation.RELU),
              Predecessor.NORM, List.of(Activation.RELU)));

  /** By PyTorch's names. The default configurations of all of them fuse by the native table. */
  private static final Map<String, FusedActivations> BACKENDS =
      Map.of("native", NATIVE, "fbgemm", NATIVE, "x86", NATIVE, "qnnpack", NATIVE);

  /** What an activation stands behind. */
  public enum Predecessor {
    /** A convolution of one, two or three axes. */
    CONV,
    /** A BatchNorm that a convolution takes. */
    CONV_NORM,
    /** A Linear. */
    LINEAR,
    /** A BatchNorm of two or three axes that no layer takes. */
    NORM
  }

  private final Map<Predecessor, List<Activation>> behind = new EnumMap<>(Predecessor.class);

  private FusedActivations(Map<Predecessor, List<Activation>> behind) {
    behind.forEach(
        (place, activations) -> {
          activations.forEach(Activation::operator);
          this.behind.put(place, List.copyOf(activations));
        });
  }

  /**
   * The table of a backend.
   *
   * @param backend {@code native}, {@code fbgemm}, {@code x86} or {@code qnnpack}
   * @throws IllegalArgumentException naming the known ones
   */
  public static FusedActivations of(String backend) {
    FusedActivations table = BACKENDS.get(backend);
    if (table == null) {
      throw new IllegalArgumentException(
          "unknown backend '%s'; known are %s"
              .formatted(backend, String.join(", ", new TreeSet<>(BACKENDS.keySet()))));
    }
    return table;
  }

  /** Whether any backend fuses the activation there. */
  public static boolean isKnown(Predecessor place, Activation activation) {
    return BACKENDS.values().stream().anyMatch(table -> table.behind(place).contains(activation));
  }

  /** The activations that are fused there, in the order in which rules are tried. */
  public List<Activation> behind(Predecessor place) {
    return behind.getOrDefault(place, List.of());
  }

  /**
   * PyTorch's name of a fused module, such as {@code ConvReLU2d}.
   *
   * @param spatialRank 0 where the name has none
   */
  public static String moduleName(String layer, Activation activation, int spatialRank) {
    return layer + activation.torchName() + (spatialRank == 0 ? "" : spatialRank + "d");
  }
}
