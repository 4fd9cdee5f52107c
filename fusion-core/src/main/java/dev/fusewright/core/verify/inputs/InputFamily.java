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
package dev.fusewright.core.verify.inputs;

import dev.fusewright.core.graph.ValueInfo;
import dev.fusewright.core.tensor.ElementType;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** A kind of floating-point input. Each shows faults that others hide. */
public enum InputFamily {
  /** N(0, 1): what layers after a normalization expect. */
  NORMAL("normal"),
  /** U[0, 1): scaled images. */
  UNIFORM("uniform"),
  /** N(3, 1): shows a lost mean, and padding. */
  SHIFTED_UP("shifted up"),
  /** N(−3, 1). */
  SHIFTED_DOWN("shifted down"),
  /** −U[0, 1): what a ReLU too early cuts off. */
  NEGATIVE("negative"),
  /** Zero but at the corners: shows borders and channels that change places. */
  IMPULSES("impulses"),
  /** Zero: leaves the biases alone. */
  ZEROS("zeros"),
  /** N(0, 256²), for float16 N(0, 8²): shows saturation. */
  LARGE("large"),
  /** N(0, 2⁻¹⁶). */
  SMALL("small"),
  /** U[0, 256): unscaled images. Used where the others leave a model mute. */
  PIXELS("pixels"),
  /** N(0, 16²). Used where the others leave a model mute. */
  LOUD("loud"),
  /**
   * Blocks of one value, ±2, of an eighth of each axis: an image with edges. Used where the others
   * leave a model mute.
   */
  BLOCKS("blocks"),
  /**
   * A page of dark glyphs on light ground, from 0 to 1: wakes what looks for text, edges, marks.
   */
  GLYPHS("glyphs 0 to 1"),
  /** A page of glyphs, from 0 to 255. */
  GLYPHS_IN_BYTES("glyphs 0 to 255"),
  /** A page of glyphs, from −1 to 1. */
  GLYPHS_SIGNED("glyphs -1 to 1"),
  /** A page of glyphs, less ImageNet's mean and by its deviation. */
  GLYPHS_NORMALIZED("glyphs normalized"),
  /** A picture with the spectrum of photographs, from 0 to 1. */
  PHOTOGRAPH("photograph 0 to 1"),
  /** A photograph, from 0 to 255. */
  PHOTOGRAPH_IN_BYTES("photograph 0 to 255"),
  /** A photograph, less ImageNet's mean and by its deviation. */
  PHOTOGRAPH_NORMALIZED("photograph normalized"),
  /** Levels that hold for an eighth of the time. */
  STEPS("steps"),
  /** A sum of tones. */
  SINES("sines"),
  /**
   * Identifiers of tokens: the frequency of one falls as its inverse. N(0, 1) in floating-point
   * inputs beside them.
   */
  TOKENS("tokens");

  /** The families that every check goes through, the most telling first. */
  public static final List<InputFamily> USUAL =
      List.of(NORMAL, UNIFORM, SHIFTED_UP, SHIFTED_DOWN, NEGATIVE, IMPULSES, ZEROS, LARGE, SMALL);

  private static final List<InputFamily> ANYTHING = List.of(PIXELS, LOUD, BLOCKS);
  private static final List<InputFamily> PICTURES =
      List.of(
          GLYPHS,
          GLYPHS_IN_BYTES,
          GLYPHS_SIGNED,
          GLYPHS_NORMALIZED,
          PHOTOGRAPH,
          PHOTOGRAPH_IN_BYTES,
          PHOTOGRAPH_NORMALIZED);
  private static final List<InputFamily> SIGNALS = List.of(STEPS, SINES);

  private static final double SHIFT = 3;
  private static final double IMPULSE = 4;
  private static final double WHITE = 255;

  private final String label;

  InputFamily(String label) {
    this.label = label;
  }

  public String label() {
    return label;
  }

  /**
   * The families for a model that the usual ones do not wake: those that fit its inputs.
   *
   * @param sizes of their open dimensions
   */
  public static List<InputFamily> adapted(List<ValueInfo> signature, DimSizes sizes) {
    List<InputFamily> families = new ArrayList<>(ANYTHING);
    if (signature.stream().anyMatch(input -> Axes.of(sizes.shape(input)).isPicture())) {
      families.addAll(PICTURES);
    }
    boolean hasSignal =
        signature.stream()
            .anyMatch(
                input -> input.type().isFoldable() && !Axes.of(sizes.shape(input)).isPicture());
    if (hasSignal) {
      families.addAll(SIGNALS);
    }
    if (signature.stream().anyMatch(InputFamily::isTokens)) {
      families.add(TOKENS);
    }
    return families;
  }

  /** Whether it is one of those for a model that the usual ones do not wake. */
  public static boolean isAdapted(InputFamily family) {
    return !USUAL.contains(family);
  }

  private static boolean isTokens(ValueInfo input) {
    return input.type() == ElementType.INT64 || input.type() == ElementType.INT32;
  }

  /**
   * One element.
   *
   * @param place of the element among all
   */
  double value(SplittableRandom random, ElementType type, Place place) {
    return switch (this) {
      case NORMAL -> random.nextGaussian();
      case UNIFORM -> random.nextDouble();
      case SHIFTED_UP -> SHIFT + random.nextGaussian();
      case SHIFTED_DOWN -> -SHIFT + random.nextGaussian();
      case NEGATIVE -> -random.nextDouble();
      case IMPULSES -> place.isCorner() ? IMPULSE * random.nextGaussian() : 0;
      case ZEROS -> 0;
      case LARGE -> (type == ElementType.FLOAT16 ? 8 : 256) * random.nextGaussian();
      case SMALL -> 0x1p-8 * random.nextGaussian();
      case PIXELS -> Math.floor(256 * random.nextDouble());
      case LOUD -> 16 * random.nextGaussian();
      case BLOCKS -> place.block() % 2 == 0 ? 2 : -2;
      case GLYPHS -> place.page();
      case GLYPHS_IN_BYTES -> Math.rint(WHITE * place.page());
      case GLYPHS_SIGNED -> 2 * place.page() - 1;
      case GLYPHS_NORMALIZED -> place.normalized(place.page());
      case PHOTOGRAPH -> place.photograph();
      case PHOTOGRAPH_IN_BYTES -> Math.rint(WHITE * place.photograph());
      case PHOTOGRAPH_NORMALIZED -> place.normalized(place.photograph());
      case STEPS -> place.step();
      case SINES -> place.sine();
      case TOKENS -> random.nextGaussian();
    };
  }

  /**
   * One element that lies in a range: anywhere in it, at its ends, or about the value nearest to
   * zero, as the family has it.
   */
  double within(InputHint.Range range, SplittableRandom random, Place place) {
    double drawn = range.at(random.nextDouble());
    double rest = range.nearest(0);
    return switch (this) {
      case NORMAL, UNIFORM, PIXELS, LOUD -> drawn;
      case SHIFTED_UP, LARGE -> range.at(1 - random.nextDouble() / 8);
      case SHIFTED_DOWN, NEGATIVE -> range.at(random.nextDouble() / 8);
      case IMPULSES -> place.isCorner() ? drawn : rest;
      case ZEROS -> rest;
      case SMALL -> rest + 0x1p-8 * (drawn - rest);
      case BLOCKS -> place.block() % 2 == 0 ? range.high() : range.low();
      case GLYPHS, GLYPHS_IN_BYTES, GLYPHS_SIGNED, GLYPHS_NORMALIZED -> range.at(place.page());
      case PHOTOGRAPH, PHOTOGRAPH_IN_BYTES, PHOTOGRAPH_NORMALIZED -> range.at(place.photograph());
      case STEPS -> range.at((1 + place.step()) / 2);
      case SINES -> range.at((1 + place.sine()) / 2);
      case TOKENS -> drawn;
    };
  }
}
