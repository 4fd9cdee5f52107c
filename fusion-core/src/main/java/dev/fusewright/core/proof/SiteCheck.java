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
package dev.fusewright.core.proof;

import dev.fusewright.core.graph.GraphException;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.reference.EvaluationMemoryException;
import dev.fusewright.core.reference.NdArray;
import dev.fusewright.core.reference.ReferenceException;
import dev.fusewright.core.reference.StoredConstants;
import dev.fusewright.core.reference.UnsupportedOperatorException;
import dev.fusewright.core.tensor.ElementCodec;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.FloatFormat;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.TensorReadException;
import dev.fusewright.core.tensor.Tensors;
import dev.fusewright.core.verdict.InconclusiveReason;
import dev.fusewright.core.verdict.LevelVerdict;
import dev.fusewright.core.verdict.Verdict;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Runs both sides of a site on sampled inputs of its true channel count.
 *
 * <p>The truth is the original side in float64. Each side is also evaluated with every value
 * rounded into its element type, as a runtime stores it between operators; the error of the fused
 * side may be {@value #RATIO} times that of the original and {@value #ULPS} ulp of the output's
 * largest value. Beyond that it is <em>worse</em>, and beyond {@value #DIFFERENT_ULPS} ulp
 * <em>different</em>; in float64, where the truth is rounded like the models, nothing is worse
 * without being different. What is worse is compared once more with how far the original moves when
 * its inputs do by an ulp.
 */
final class SiteCheck {
  static final double RATIO = 4;
  static final double ULPS = 16;
  static final double DIFFERENT_ULPS = 1024;

  /** The part of its largest value that an original may round away and still be called the same. */
  static final double MOST_LOST = 0x1p-4;

  private static final double LOST_ULPS = 64;

  private static final String VACUOUS =
      "what leaves the site is the same whatever enters it, on all shapes that were tried";
  private static final int MOST_VACUOUS = 8;
  private static final Set<String> SUMS = Set.of("Add", "Sub");

  /** Kinds of inputs: around zero, far from it, all positive, and small. */
  private enum Family {
    NORMAL,
    SHIFTED,
    POSITIVE,
    SMALL;

    double draw(Random random) {
      return switch (this) {
        case NORMAL -> random.nextGaussian();
        case SHIFTED -> random.nextGaussian() - 3;
        case POSITIVE -> random.nextDouble();
        case SMALL -> random.nextGaussian() * 0x1p-10;
      };
    }
  }

  private final Subgraph before;
  private final Subgraph after;
  private final long seed;
  private double worst;
  private double worstOriginal;
  private double worstRatio;
  private String worstAt = "";
  private double lost;

  private SiteCheck(Subgraph before, Subgraph after, long seed) {
    this.before = before;
    this.after = after;
    this.seed = seed;
  }

  /**
   * Runs both sides.
   *
   * @param candidates shapes of the inputs, of which the first that fit are taken
   */
  static LevelVerdict of(
      Subgraph before, Subgraph after, Iterable<Map<String, Shape>> candidates, long seed) {
    try {
      return new SiteCheck(before, after, seed).run(candidates);
    } catch (UnsupportedOperatorException e) {
      return LevelVerdict.inconclusive(
          InconclusiveReason.NO_KERNEL, "no site check: " + e.getMessage());
    } catch (UncertifiableException | ReferenceException e) {
      return LevelVerdict.inconclusive(
          InconclusiveReason.NO_INPUTS, "no site check: " + e.getMessage());
    } catch (EvaluationMemoryException e) {
      return LevelVerdict.inconclusive(
          InconclusiveReason.MEMORY, "no site check: " + e.getMessage());
    } catch (GraphException e) {
      return LevelVerdict.different(String.valueOf(e.getMessage()));
    } catch (TensorReadException e) {
      return LevelVerdict.different("a parameter cannot be read: " + e.getMessage());
    }
  }

  /** Whether the original side can be evaluated on inputs of these shapes. */
  static boolean runs(Subgraph before, Map<String, Shape> shapes, long seed) {
    try {
      before.evaluate(
          new SiteCheck(before, before, seed).inputs(shapes), Set.copyOf(before.outputs()));
      return true;
    } catch (ReferenceException e) {
      return false;
    }
  }

  /** Inputs on which the original side of a site can be evaluated. */
  static Optional<Map<String, NdArray>> inputs(Subgraph before, long seed) {
    SiteCheck check = new SiteCheck(before, before, seed);
    for (Map<String, Shape> shapes : InputShapes.candidates(before, ExtentSolver.Spread.NARROW)) {
      Map<String, NdArray> inputs = check.inputs(shapes);
      try {
        before.evaluate(inputs, Set.copyOf(before.outputs()));
        return Optional.of(inputs);
      } catch (ReferenceException e) {
        // These shapes do not fit; others may.
      }
    }
    return Optional.empty();
  }

  private LevelVerdict run(Iterable<Map<String, Shape>> candidates) {
    ReferenceException failure = null;
    int vacuous = 0;
    Set<String> direct = direct(before);
    Set<String> wanted = new HashSet<>(before.outputs());
    wanted.addAll(direct);
    for (Map<String, Shape> shapes : candidates) {
      Map<String, NdArray> inputs = inputs(shapes);
      try {
        Map<String, NdArray> truth = before.evaluate(inputs, wanted);
        Map<String, NdArray> done = new HashMap<>(truth);
        done.keySet().retainAll(direct);
        Map<String, NdArray> was = rounded(before, inputs, done);
        Map<String, NdArray> is = rounded(after, inputs, Map.of());
        LevelVerdict verdict = compare(truth, was, is);
        if (verdict.verdict() == Verdict.EQUIVALENT && isSameWhateverEnters(truth, shapes)) {
          if (++vacuous == MOST_VACUOUS) {
            break;
          }
          continue; // Other shapes may tell more.
        }
        return verdict.doubt() == InconclusiveReason.NOISE
            ? aware(truth, was, is, inputs)
            : verdict;
      } catch (UnsupportedOperatorException e) {
        throw e;
      } catch (ReferenceException e) {
        failure = failure == null ? e : failure; // They do not fit one of the sides; others may.
      }
    }
    if (vacuous > 0) {
      return LevelVerdict.inconclusive(InconclusiveReason.VACUOUS, VACUOUS);
    }
    return LevelVerdict.inconclusive(
        InconclusiveReason.NO_INPUTS,
        "no inputs fit the site: " + (failure == null ? "" : failure.getMessage()));
  }

  /**
   * Whether other inputs of the same shapes make no difference, as to a Softmax over one value:
   * then an output is the same in each of its rows, and in those of other inputs too.
   */
  private boolean isSameWhateverEnters(Map<String, NdArray> truth, Map<String, Shape> shapes) {
    if (shapes.isEmpty()
        || !before.outputs().stream().allMatch(output -> hasEqualRows(at(truth, output)))) {
      return false;
    }
    Map<String, NdArray> other =
        before.evaluate(
            new SiteCheck(before, after, seed + 1).inputs(shapes), Set.copyOf(before.outputs()));
    return before.outputs().stream()
        .allMatch(output -> Arrays.equals(at(truth, output).values(), at(other, output).values()));
  }

  private static boolean hasEqualRows(NdArray array) {
    int rows = array.rank() == 0 ? 1 : Math.max(1, array.dim(0));
    int size = array.size() / rows;
    double[] values = array.values();
    for (int i = size; i < values.length; i++) {
      if (Double.compare(values[i], values[i - size]) != 0) {
        return false;
      }
    }
    return true;
  }

  /**
   * The same where rounding alone shows too little of how far the original moves, as of few
   * elements that nearly cancel. It may also move as far as inputs that are off by an ulp move it.
   */
  private LevelVerdict aware(
      Map<String, NdArray> truth,
      Map<String, NdArray> was,
      Map<String, NdArray> is,
      Map<String, NdArray> inputs) {
    Map<String, NdArray> moved = before.evaluate(moved(inputs), Set.copyOf(before.outputs()));
    SiteCheck check = new SiteCheck(before, after, seed);
    Map<String, NdArray> farther = new HashMap<>();
    for (String output : before.outputs()) {
      farther.put(output, farther(at(truth, output), at(was, output), at(moved, output)));
    }
    return check.compare(truth, farther, is);
  }

  /** Of each element the value that is farther from the truth. */
  private static NdArray farther(NdArray truth, NdArray a, NdArray b) {
    double[] values = new double[truth.size()];
    Arrays.setAll(
        values,
        i ->
            Math.abs(a.values()[i] - truth.values()[i])
                    < Math.abs(b.values()[i] - truth.values()[i])
                ? b.values()[i]
                : a.values()[i]);
    return NdArray.of(truth.type(), truth.shape(), values);
  }

  /** Each value an ulp up or down. */
  private Map<String, NdArray> moved(Map<String, NdArray> inputs) {
    Random random = new Random(seed);
    Map<String, NdArray> moved = new LinkedHashMap<>();
    inputs.forEach(
        (name, array) -> {
          double[] values = array.values().clone();
          if (array.type().isFoldable()) {
            FloatFormat format = FloatFormat.of(array.type());
            Arrays.setAll(values, i -> format.next(values[i], random.nextBoolean() ? 1 : -1));
          }
          moved.put(name, NdArray.of(array.type(), array.shape(), values));
        });
    return moved;
  }

  /** What is computed from inputs and constants alone: to round each result changes nothing yet. */
  private static Set<String> direct(Subgraph side) {
    Set<String> inputs = Set.copyOf(side.inputs());
    Set<String> computed = new HashSet<>();
    Set<String> direct = new HashSet<>();
    for (Node node : side.nodes()) {
      boolean readsInput = node.inputs().stream().anyMatch(inputs::contains);
      boolean readsComputed = node.inputs().stream().anyMatch(computed::contains);
      if (readsInput && !readsComputed) {
        direct.addAll(named(node.outputs()));
      }
      if (readsInput || readsComputed) {
        computed.addAll(named(node.outputs()));
      }
    }
    return direct;
  }

  private static List<String> named(List<String> outputs) {
    return outputs.stream().filter(output -> !output.isEmpty()).toList();
  }

  private LevelVerdict compare(
      Map<String, NdArray> truth, Map<String, NdArray> was, Map<String, NdArray> is) {
    if (before.outputs().stream().allMatch(output -> at(truth, output).size() == 0)) {
      return LevelVerdict.inconclusive(
          InconclusiveReason.NO_INPUTS, "what the site computes has no elements");
    }
    for (String output : before.outputs()) {
      LevelVerdict fault = compare(output, at(truth, output), at(was, output), is.get(output));
      if (fault != null) {
        return fault;
      }
    }
    String closer = worst < worstOriginal ? "; the fused one is closer to the truth" : "";
    String figures =
        "error %s ulp of the largest value against %s before%s"
            .formatted(Certificate.figure(worst), Certificate.figure(worstOriginal), closer);
    if (worstRatio <= 1) {
      return lost <= Math.max(MOST_LOST, LOST_ULPS * format().epsilon())
          ? LevelVerdict.equivalent(figures)
          : LevelVerdict.inconclusive(
              InconclusiveReason.NOISE,
              "the original itself rounds away %s of its largest value: %s"
                  .formatted(Certificate.figure(lost), figures));
    }
    return worst > DIFFERENT_ULPS
        ? LevelVerdict.different(worstAt + ": " + figures)
        : LevelVerdict.inconclusive(
            InconclusiveReason.NOISE, "worse, though not different: " + worstAt + ": " + figures);
  }

  private static NdArray at(Map<String, NdArray> values, String name) {
    return Objects.requireNonNull(values.get(name));
  }

  private @Nullable LevelVerdict compare(
      String output, NdArray truth, NdArray was, @Nullable NdArray is) {
    if (is == null || !is.shape().equals(truth.shape())) {
      return LevelVerdict.different(
          "'%s' has the shape %s, expected %s"
              .formatted(output, is == null ? "of nothing" : is.shape(), truth.shape()));
    }
    noteLost(truth, was);
    int rows = truth.rank() == 0 ? 1 : Math.max(1, truth.dim(0));
    int size = truth.size() / rows;
    for (int row = 0; row < rows; row++) {
      LevelVerdict fault = compare(output, truth, was, is, row * size, (row + 1) * size);
      if (fault != null) {
        return fault;
      }
    }
    return null;
  }

  /** How much of an output the original rounds away by itself, over all kinds of inputs. */
  private void noteLost(NdArray truth, NdArray was) {
    double[] expected = truth.values();
    double[] rounded = was.values();
    double scale = format().smallestNormal();
    double error = 0;
    for (int i = 0; i < expected.length; i++) {
      if (Double.isFinite(expected[i]) && Double.isFinite(rounded[i])) {
        scale = Math.max(scale, Math.abs(expected[i]));
        error = Math.max(error, Math.abs(rounded[i] - expected[i]));
      }
    }
    lost = Math.max(lost, error / scale);
  }

  private FloatFormat format() {
    return FloatFormat.of(SubgraphTypes.stored(after, SubgraphTypes.of(before)));
  }

  private @Nullable LevelVerdict compare(
      String output, NdArray truth, NdArray was, NdArray is, int from, int to) {
    if (from == to) {
      return null;
    }
    double scale = 0;
    double errorWas = 0;
    double errorIs = 0;
    int at = from;
    for (int i = from; i < to; i++) {
      double expected = truth.values()[i];
      if (Double.isFinite(expected) && Double.isFinite(is.values()[i])) {
        scale = Math.max(scale, Math.abs(expected));
        errorWas = Math.max(errorWas, Math.abs(was.values()[i] - expected));
        double off = Math.abs(is.values()[i] - expected);
        if (off > errorIs) {
          errorIs = off;
          at = i;
        }
      } else if (Double.compare(expected, is.values()[i]) != 0) {
        return LevelVerdict.different(
            "%s is %s, the original's %s, in float64 %s"
                .formatted(place(output, truth, i), is.values()[i], was.values()[i], expected));
      }
    }
    FloatFormat format = format();
    double ulp = format.epsilon() * Math.max(scale, format.smallestNormal());
    double room = format == FloatFormat.DOUBLE ? DIFFERENT_ULPS : ULPS;
    double ratio = errorIs / (RATIO * errorWas + room * ulp);
    if (ratio >= worstRatio) {
      worstRatio = ratio;
      worst = errorIs / ulp;
      worstOriginal = errorWas / ulp;
      worstAt =
          "%s is %s, the original's %s, in float64 %s"
              .formatted(
                  place(output, truth, at),
                  digits(is.values()[at]),
                  digits(was.values()[at]),
                  digits(truth.values()[at]));
    }
    return null;
  }

  /** As many as tell all values of float apart. */
  private static String digits(double value) {
    return String.format(Locale.ROOT, "%.9g", value);
  }

  private static String place(String output, NdArray array, int element) {
    return "'%s'%s".formatted(output, array.shape().position(element));
  }

  /** Each row of the first axis, the batch, holds inputs of another family. */
  private Map<String, NdArray> inputs(Map<String, Shape> shapes) {
    ElementType type = SubgraphTypes.of(before);
    Random random = new Random(seed);
    DoubleUnaryOperator round = rounding(type);
    Map<String, NdArray> inputs = new LinkedHashMap<>();
    shapes.forEach(
        (name, shape) -> {
          double[] values = new double[Math.toIntExact(shape.elementCount())];
          long row = shape.elementCount(Math.min(1, shape.rank()), shape.rank());
          Family[] families = Family.values();
          Arrays.setAll(
              values,
              i -> round.applyAsDouble(families[(int) (i / row % families.length)].draw(random)));
          if (values.length > 0 && type.isFoldable() && addsZero()) {
            values[values.length - 1] = -0.0;
          }
          inputs.put(name, NdArray.of(type, shape, values));
        });
    return inputs;
  }

  /** Whether a sum of the original with a constant of 0 turns −0 into +0. */
  private boolean addsZero() {
    return before.nodes().stream()
        .filter(node -> SUMS.contains(node.op().type()) && node.op().domain().isEmpty())
        .flatMap(node -> node.inputs().stream())
        .map(new StoredConstants(before.graph())::find)
        .anyMatch(
            constant ->
                constant != null
                    && constant.shape().elementCount() == 1
                    && Tensors.doubles(constant, 1)[0] == 0);
  }

  private static DoubleUnaryOperator rounding(ElementType type) {
    return type.isFoldable() ? ElementCodec.of(type)::round : DoubleUnaryOperator.identity();
  }

  /**
   * Node by node, each result rounded into its type.
   *
   * @param done results of some nodes, not rounded yet, which are not computed again
   */
  private static Map<String, NdArray> rounded(
      Subgraph side, Map<String, NdArray> inputs, Map<String, NdArray> done) {
    Map<String, NdArray> values = new HashMap<>(inputs);
    for (Node node : side.nodes()) {
      if (node.inputs().stream().noneMatch(values::containsKey)) {
        continue; // A constant.
      }
      List<String> asked = named(node.outputs());
      Map<String, NdArray> results =
          done.keySet().containsAll(asked) ? done : side.evaluate(values, Set.copyOf(asked));
      for (String name : asked) {
        NdArray value = at(results, name);
        double[] rounded = Arrays.stream(value.values()).map(rounding(value.type())).toArray();
        values.put(name, NdArray.of(value.type(), value.shape(), rounded));
      }
    }
    Set<String> constant = new HashSet<>(side.outputs());
    constant.removeAll(values.keySet());
    values.putAll(side.evaluate(Map.of(), constant));
    return values;
  }
}
