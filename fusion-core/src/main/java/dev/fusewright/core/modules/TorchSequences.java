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
package dev.fusewright.core.modules;

import static dev.fusewright.core.rule.FusedActivations.moduleName;

import dev.fusewright.core.analysis.Activation;
import dev.fusewright.core.rule.FusedActivations;
import dev.fusewright.core.rule.FusedActivations.Predecessor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * PyTorch's {@code DEFAULT_OP_LIST_TO_FUSER_METHOD}: which sequences fuse, and into what. Which
 * activations may end one is said by {@link FusedActivations}.
 */
public final class TorchSequences {
  private static final Map<List<String>, String> EVAL = new HashMap<>();
  private static final Map<List<String>, String> QAT = new HashMap<>();

  static {
    for (int d = 1; d <= 3; d++) {
      String conv = "Conv" + d + "d";
      String transposed = "ConvTranspose" + d + "d";
      String norm = "BatchNorm" + d + "d";
      EVAL.put(List.of(conv, norm), conv);
      EVAL.put(List.of(transposed, norm), transposed);
      QAT.put(List.of(conv, norm), "ConvBn" + d + "d");
      for (Activation activation : FusedActivations.NATIVE.behind(Predecessor.CONV_NORM)) {
        List<String> types = List.of(conv, norm, activation.torchName());
        EVAL.put(types, moduleName("Conv", activation, d));
        QAT.put(types, moduleName("ConvBn", activation, d));
      }
      for (Activation activation : FusedActivations.NATIVE.behind(Predecessor.CONV)) {
        inBothModes(List.of(conv, activation.torchName()), moduleName("Conv", activation, d));
      }
      if (d > 1) {
        for (Activation activation : FusedActivations.NATIVE.behind(Predecessor.NORM)) {
          inBothModes(List.of(norm, activation.torchName()), moduleName("BN", activation, d));
        }
      }
    }
    EVAL.put(List.of("Linear", "BatchNorm1d"), "Linear");
    QAT.put(List.of("Linear", "BatchNorm1d"), "LinearBn1d");
    for (Activation activation : FusedActivations.NATIVE.behind(Predecessor.LINEAR)) {
      inBothModes(List.of("Linear", activation.torchName()), moduleName("Linear", activation, 0));
    }
  }

  private TorchSequences() {}

  private static void inBothModes(List<String> types, String module) {
    EVAL.put(types, module);
    QAT.put(types, module);
  }

  /** The module that a sequence of types becomes; empty if PyTorch has no fuser for it. */
  public static Optional<String> module(List<String> types, FusionMode mode) {
    return Optional.ofNullable(
        switch (mode) {
          case EVAL -> EVAL.get(types);
          case QAT -> QAT.get(types);
        });
  }

  /** Whether the sequence is one of those that only {@code fuse_modules} knows. */
  public static boolean isEvalOnly(List<String> types) {
    return EVAL.containsKey(types) && !QAT.containsKey(types);
  }
}
