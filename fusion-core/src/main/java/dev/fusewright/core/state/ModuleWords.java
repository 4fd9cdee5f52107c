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

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What the words of a module's name speak for. Words prove nothing: they only make Fusewright ask
 * where it would otherwise have to believe.
 */
final class ModuleWords {
  private static final Set<String> ACTIVATIONS =
      Set.of("relu", "act", "activation", "nonlin", "nonlinearity");

  /** Words of activations that are no ReLU, whatever other words stand beside. */
  private static final Set<String> OTHER_ACTIVATIONS =
      Set.of(
          "leaky",
          "parametric",
          "randomized",
          "squared",
          "clipped",
          "leakyrelu",
          "lrelu",
          "prelu",
          "rrelu",
          "crelu",
          "frelu",
          "elu",
          "celu",
          "selu",
          "gelu",
          "quickgelu",
          "glu",
          "silu",
          "swish",
          "hswish",
          "hardswish",
          "mish",
          "hardmish",
          "sigmoid",
          "hsigmoid",
          "hardsigmoid",
          "logsigmoid",
          "tanh",
          "hardtanh",
          "softplus",
          "softsign",
          "softshrink",
          "hardshrink",
          "softmax",
          "softmin",
          "threshold",
          "snake");

  private static final Set<String> OTHERS =
      Set.of(
          "bn",
          "norm",
          "batchnorm",
          "batch",
          "gn",
          "ln",
          "in",
          "groupnorm",
          "layernorm",
          "conv",
          "convolution",
          "deconv",
          "upconv",
          "dwconv",
          "pwconv",
          "linear",
          "fc",
          "dense",
          "proj",
          "projection",
          "layer",
          "head",
          "classifier",
          "embed",
          "embedding",
          "downsample",
          "lstm",
          "gru",
          "rnn",
          "attn",
          "attention",
          "pool",
          "avgpool",
          "maxpool",
          "drop",
          "dropout",
          "flatten",
          "identity");

  /** Of modules that have no parameters and that {@code prepare_qat} leaves alone. */
  private static final Set<String> UNOBSERVED =
      Set.of(
          "pool",
          "pooling",
          "avgpool",
          "maxpool",
          "drop",
          "dropout",
          "flatten",
          "identity",
          "pad",
          "upsample");

  /** Of modules that give what they take, once they do not train. */
  private static final Set<String> PASSAGES = Set.of("drop", "dropout", "identity");

  private static final Set<String> TRANSPOSED =
      Set.of(
          "up",
          "upconv",
          "upsample",
          "upsampling",
          "upsampler",
          "deconv",
          "transpose",
          "transposed",
          "convtranspose",
          "convt",
          "tconv",
          "deconvolution");

  private static final Set<String> SHORTCUTS =
      Set.of("downsample", "shortcut", "skip", "residual", "identity");

  private static final Set<String> NOT_TRANSPOSED = Set.of("conv", "convolution");

  private static final Pattern BREAK = Pattern.compile("[^A-Za-z]+|(?<=[a-z])(?=[A-Z])");

  /** A class's name in which capitals stand within a word: ReLU, PReLU, SiLU. */
  private static final Pattern UNIT = Pattern.compile("(PRe|RRe|Re|Si)LU");

  private static final Pattern INDEX = Pattern.compile("[0-9]{1,6}");

  private static final Pattern BOUNDED = Pattern.compile("(?i)(.*[^a-z])?relu_?6");

  private ModuleWords() {}

  /** The name of what holds a module or a parameter; empty for the root's own. */
  static String parent(String name) {
    return name.substring(0, Math.max(0, name.lastIndexOf('.')));
  }

  static String last(String name) {
    return name.substring(name.lastIndexOf('.') + 1);
  }

  /** The member of a Sequential after one, if another one is none that follows it by number. */
  static Optional<String> skipped(String name, String other) {
    boolean areMembers =
        parent(name).equals(parent(other))
            && INDEX.matcher(last(name)).matches()
            && INDEX.matcher(last(other)).matches();
    int next = areMembers ? Integer.parseInt(last(name)) + 1 : 0;
    return areMembers && next < Integer.parseInt(last(other))
        ? Optional.of(name.substring(0, name.length() - last(name).length()) + next)
        : Optional.empty();
  }

  private static List<String> words(String segment) {
    return BREAK
        .splitAsStream(UNIT.matcher(segment).replaceAll(unit -> capitalized(unit.group())))
        .map(word -> word.toLowerCase(Locale.ROOT))
        .filter(word -> !word.isEmpty())
        .toList();
  }

  private static String capitalized(String word) {
    return word.charAt(0) + word.substring(1).toLowerCase(Locale.ROOT);
  }

  /** Whether the last part of a name speaks for a ReLU or another activation. */
  static boolean speakForActivation(String name) {
    return speakForOtherActivation(name)
        || words(last(name)).stream().anyMatch(ACTIVATIONS::contains);
  }

  /** Whether the last part of a name speaks for an activation that is no ReLU. */
  static boolean speakForOtherActivation(String name) {
    return words(last(name)).stream().anyMatch(OTHER_ACTIVATIONS::contains);
  }

  /**
   * Whether the last part of a name could be that of a ReLU6. Beside a {@code conv6} it is the
   * sixth ReLU.
   */
  static boolean speakForBounded(String name, String layer) {
    return BOUNDED.matcher(last(name)).matches() && !last(layer).endsWith("6");
  }

  /** Whether the last part of a name speaks for a layer, a norm, or another module than a ReLU. */
  static boolean speakAgainstActivation(String name) {
    List<String> words = words(last(name));
    return speakForOtherActivation(name)
        || (words.stream().noneMatch(ACTIVATIONS::contains)
            && words.stream().anyMatch(OTHERS::contains));
  }

  /**
   * Whether the last part of a name speaks for a module without parameters that {@code prepare_qat}
   * leaves alone, such as a pool.
   */
  static boolean speakForUnobserved(String name) {
    List<String> words = words(last(name));
    return words.stream().noneMatch(ACTIVATIONS::contains)
        && words.stream().anyMatch(UNOBSERVED::contains);
  }

  /** Whether the last part of a name speaks for a module that gives what it takes. */
  static boolean speakForPassage(String name) {
    List<String> words = words(last(name));
    return words.stream().anyMatch(PASSAGES::contains)
        && words.stream().noneMatch(ACTIVATIONS::contains);
  }

  /** Whether the last part of a name speaks for a ReLU, and for no other activation. */
  static boolean speakForRectifier(String name) {
    return words(last(name)).contains("relu")
        && !speakForOtherActivation(name)
        && !BOUNDED.matcher(last(name)).matches();
  }

  /** Whether the last part of a name speaks for the way around a block. */
  static boolean speakForShortcut(String name) {
    return words(last(name)).stream().anyMatch(SHORTCUTS::contains);
  }

  /**
   * Whether the innermost part of a name that speaks of convolutions speaks for a transposed one.
   */
  static boolean speakForTransposed(String name) {
    List<String> segments = List.of(name.split("\\."));
    for (int i = segments.size() - 1; i >= 0; i--) {
      List<String> words = words(segments.get(i));
      if (words.stream().anyMatch(TRANSPOSED::contains)) {
        return true;
      }
      if (words.stream().anyMatch(NOT_TRANSPOSED::contains)) {
        return false;
      }
    }
    return false;
  }

  /**
   * Whether the last part of a name could be a slip of the pen for the last part of another: one
   * letter more, less or different, or two changed places. Numbers are no slips: after {@code
   * features.1} there may be a {@code features.2}.
   */
  static boolean areNear(String name, String other) {
    String one = last(name);
    String two = last(other);
    return Math.min(one.length(), two.length()) > 2
        && !withoutDigits(one).equals(withoutDigits(two))
        && distance(one, two) == 1;
  }

  private static String withoutDigits(String text) {
    return text.replaceAll("[0-9]", "");
  }

  /** How many letters are more, less, different or have changed places with their neighbours. */
  static int distance(String one, String two) {
    int[][] cost = new int[one.length() + 1][two.length() + 1];
    for (int i = 0; i <= one.length(); i++) {
      for (int j = 0; j <= two.length(); j++) {
        if (i == 0 || j == 0) {
          cost[i][j] = i + j;
          continue;
        }
        int same = one.charAt(i - 1) == two.charAt(j - 1) ? 0 : 1;
        cost[i][j] =
            Math.min(Math.min(cost[i - 1][j], cost[i][j - 1]) + 1, cost[i - 1][j - 1] + same);
        if (i > 1
            && j > 1
            && one.charAt(i - 1) == two.charAt(j - 2)
            && one.charAt(i - 2) == two.charAt(j - 1)) {
          cost[i][j] = Math.min(cost[i][j], cost[i - 2][j - 2] + 1);
        }
      }
    }
    return cost[one.length()][two.length()];
  }
}
