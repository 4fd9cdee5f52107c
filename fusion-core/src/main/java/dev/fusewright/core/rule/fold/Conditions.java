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
package dev.fusewright.core.rule.fold;

import dev.fusewright.core.rule.RuleInfo.Condition;
import java.util.List;

/** Conditions that several rules share. */
final class Conditions {
  private static final Condition ONE_READER =
      new Condition(
          "The value between the two nodes is no output, and has no other reader but such as take its"
              + " shape alone",
          "somebody else would see it folded; a Shape or Size is rewired to a value of the same"
              + " shape");
  private static final Condition CONSTANT =
      new Condition(
          "All parameters are constant",
          "a caller who gives another weight would lose the fold; an initializer that is also an"
              + " input counts as one from IR version 4 on, unless `--inputs freeze`");
  private static final Condition INFERENCE =
      new Condition(
          "BatchNormalization is in the inference form of its opset",
          "in training form it normalizes with the statistics of the batch, which no weight knows");
  private static final Condition FINITE =
      new Condition(
          "The parameters are finite, variance + epsilon is positive, and what is folded is finite"
              + " in the type in which it is stored",
          "one NaN channel would spread, and float16 ends at 65504");

  private static final List<Condition> PER_CHANNEL =
      List.of(
          new Condition(
              "The constant is one value, or exactly C along the channels and 1 elsewhere",
              "[C] behind an image is one value per column of pixels, and [2, C, 1, 1] doubles the"
                  + " batch"),
          new Condition(
              "Or it has been broadcast: along the batch it is 1, along every other axis the extent"
                  + " that provably arrives, and there the same bits all over",
              "where one pixel arrives, [1, C, 8, 8] makes 64 of it; the report says where extents"
                  + " rest on the types of the graph's inputs"));

  private Conditions() {}

  /** Of every constant that acts on channels. */
  static List<Condition> constant() {
    return PER_CHANNEL;
  }

  /** Of every fold of constants into a layer. */
  static List<Condition> layer() {
    return List.of(ONE_READER, CONSTANT);
  }

  /** Of every fold that a BatchNormalization takes part in. */
  static List<Condition> norm() {
    return List.of(ONE_READER, CONSTANT, INFERENCE, FINITE);
  }
}
