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
import dev.fusewright.core.tensor.FloatFormat;
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.StoredTensor;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.Tensors;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Generator of a model's inputs: the same ones for the same seed, on every machine.
 *
 * <p>Integers are uniform below their bound, from 0 on (int8 over its whole range); booleans are
 * tossed; of strings only the shape is made.
 *
 * @param seed of all inputs; derive it from the content of the original, so that it is the same in
 *     every run
 * @param integerBounds by input name, for integer inputs whose values are limited by what they
 *     index
 * @param hints by input name; where one has a range, nothing that is made, nudged or disturbed
 *     leaves it
 */
public record InputGenerator(
    long seed, Map<String, Long> integerBounds, Map<String, InputHint> hints) {
  /**
   * How strongly {@link #disturbed} inputs are disturbed: relative to the root mean square of each.
   */
  public static final double DISTURBANCE = 0x1p-5;

  /** Enough for a mask or an index into almost anything. */
  private static final long DEFAULT_BOUND = 2;

  /** Tokens where it is not known how many there are. */
  private static final long SMALL_VOCABULARY = 128;

  private static final double WHITE = 255;

  private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;

  public InputGenerator {
    integerBounds = Map.copyOf(integerBounds);
    hints = Map.copyOf(hints);
  }

  /**
   * One set of inputs.
   *
   * @param sample number of the set; other numbers give other values
   */
  public Map<String, Tensor> inputs(
      List<ValueInfo> signature, DimSizes sizes, InputFamily family, int sample) {
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    for (ValueInfo input : signature) {
      inputs.put(input.name(), input(input, sizes.shape(input), family, sample));
    }
    return inputs;
  }

  private Tensor input(ValueInfo input, Shape shape, InputFamily family, int sample) {
    if (input.type() == ElementType.STRING) {
      return strings(shape);
    }
    SplittableRandom random = random(input.name(), sample);
    double[] values = new double[Math.toIntExact(shape.elementCount())];
    Place place = new Place(shape, random(input.name(), Integer.MIN_VALUE + sample).nextLong());
    InputHint.Range range = range(input.name());
    for (int i = 0; i < values.length; i++) {
      if (range != null) {
        double value = family.within(range, random, place);
        values[i] = input.type().isFoldable() ? value : range.nearest(Math.rint(value));
      } else {
        values[i] =
            input.type().isFoldable()
                ? family.value(random, input.type(), place)
                : integer(input, family, random, place);
      }
      place.next();
    }
    return LiteralTensor.ofDoubles(input.type(), shape, values);
  }

  /** Strings have no canonical bytes: the runner makes them, of the shape alone. */
  private static Tensor strings(Shape shape) {
    return new StoredTensor(ElementType.STRING, shape, (offset, destination) -> {});
  }

  private InputHint.@Nullable Range range(String input) {
    InputHint hint = hints.get(input);
    return hint == null ? null : hint.range();
  }

  private long integer(ValueInfo input, InputFamily family, SplittableRandom random, Place place) {
    if (family == InputFamily.ZEROS) {
      return 0;
    }
    if (input.type() == ElementType.BOOL) {
      return random.nextInt(2);
    }
    Long bound = integerBounds.get(input.name());
    if (family == InputFamily.TOKENS && input.type() != ElementType.UINT8) {
      return token(random, bound == null ? SMALL_VOCABULARY : bound);
    }
    if (bound != null) {
      return random.nextLong(Math.max(1, bound));
    }
    if (input.type() == ElementType.INT8) {
      return random.nextLong(Byte.MIN_VALUE, Byte.MAX_VALUE + 1);
    }
    if (input.type() == ElementType.UINT8) {
      return switch (family) {
        case GLYPHS, GLYPHS_IN_BYTES, GLYPHS_SIGNED, GLYPHS_NORMALIZED ->
            Math.round(WHITE * place.page());
        case PHOTOGRAPH, PHOTOGRAPH_IN_BYTES, PHOTOGRAPH_NORMALIZED ->
            Math.round(WHITE * place.photograph());
        case NORMAL,
            UNIFORM,
            SHIFTED_UP,
            SHIFTED_DOWN,
            NEGATIVE,
            IMPULSES,
            ZEROS,
            LARGE,
            SMALL,
            PIXELS,
            LOUD,
            BLOCKS,
            STEPS,
            SINES,
            TOKENS ->
            random.nextLong(1 + (long) WHITE);
      };
    }
    return random.nextLong(DEFAULT_BOUND);
  }

  /** A token whose rank is its number: the uniform draw of its logarithm gives Zipf's law. */
  private static long token(SplittableRandom random, long bound) {
    double last = Math.max(1, bound);
    return Math.min((long) last - 1, (long) Math.pow(last, random.nextDouble()) - 1);
  }

  /** Every floating-point element moved by one ulp, up or down. */
  public Map<String, Tensor> nudged(Map<String, Tensor> inputs) {
    return changed(
        inputs,
        (tensor, values, random) -> {
          FloatFormat format = FloatFormat.of(tensor.type());
          return Arrays.stream(values)
              .map(value -> format.next(value, random.nextBoolean() ? 1 : -1))
              .toArray();
        });
  }

  /** Every floating-point element moved a little, as {@link #DISTURBANCE} says. */
  public Map<String, Tensor> disturbed(Map<String, Tensor> inputs) {
    return changed(
        inputs,
        (tensor, values, random) -> {
          double squares =
              Arrays.stream(values).filter(Double::isFinite).map(value -> value * value).sum();
          double step = DISTURBANCE * Math.sqrt(squares / Math.max(1, values.length));
          return Arrays.stream(values).map(value -> value + step * random.nextGaussian()).toArray();
        });
  }

  private interface Change {
    double[] apply(Tensor tensor, double[] values, SplittableRandom random);
  }

  private Map<String, Tensor> changed(Map<String, Tensor> inputs, Change change) {
    Map<String, Tensor> changed = new LinkedHashMap<>();
    inputs.forEach(
        (name, tensor) ->
            changed.put(
                name,
                tensor.type().isFoldable()
                    ? LiteralTensor.ofDoubles(
                        tensor.type(),
                        tensor.shape(),
                        kept(
                            name,
                            change.apply(
                                tensor,
                                Tensors.doubles(tensor, Integer.MAX_VALUE),
                                random(name, -1))))
                    : tensor));
    return changed;
  }

  private double[] kept(String input, double[] values) {
    InputHint.Range range = range(input);
    return range == null ? values : Arrays.stream(values).map(range::nearest).toArray();
  }

  private SplittableRandom random(String input, int sample) {
    return new SplittableRandom(seed ^ GOLDEN_GAMMA * (31L * input.hashCode() + sample));
  }
}
