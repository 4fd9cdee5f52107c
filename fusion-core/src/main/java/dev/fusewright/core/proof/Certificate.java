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
import dev.fusewright.core.reference.EvaluationMemoryException;
import dev.fusewright.core.reference.NdArray;
import dev.fusewright.core.reference.ReferenceException;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.TensorReadException;
import dev.fusewright.core.text.Amounts;
import dev.fusewright.core.verdict.InconclusiveReason;
import dev.fusewright.core.verdict.LevelVerdict;
import dev.fusewright.core.verdict.StoredFigures;
import dev.fusewright.core.verdict.Verdict;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Proves that two sides of a site compute the same, for every input, up to the rounding of stored
 * parameters.
 *
 * <p>Both sides are brought into the form layers, and functions of their channels ({@link
 * NormalForm}). They are the same if the layers take the same inputs and have the same geometry, if
 * every output takes each of its elements from the same channel, and if for every output channel o
 * and every element of the weight
 *
 * <pre>
 *   scale[o]·W[o, i, …]·in[i]           is that of the other side within {@value #WEIGHT_ULPS} ulp,
 *   scale[o]·Σ W[o, i, …]·shift[i] + shift[o]    within {@value #BIAS_ULPS} ulp of the largest term in it.
 * </pre>
 *
 * PyTorch's float32 arithmetic differs by up to 3 ulp from float64 rounded once, in weights, and by
 * a rounding for each of its four operations in biases; so both bounds hold for every right fold,
 * and no fault that anyone would call one is that small.
 */
final class Certificate {
  /** How many units in the last place a stored weight may be off. */
  static final int WEIGHT_ULPS = 4;

  /** How many units in the last place of its largest term a stored bias may be off. */
  static final int BIAS_ULPS = 8;

  private Certificate() {}

  /**
   * Result of one certificate.
   *
   * @param stored the figures of the parameters; null if they were never compared
   */
  record Finding(LevelVerdict verdict, @Nullable StoredFigures stored) {
    static Finding different(String reason) {
      return new Finding(LevelVerdict.different(reason), null);
    }
  }

  /**
   * Compares two sides.
   *
   * @param candidates shapes of the inputs, of which the first that fit are taken
   */
  static Finding of(Subgraph before, Subgraph after, Iterable<Map<String, Shape>> candidates) {
    try {
      return compare(before, after, candidates);
    } catch (UncertifiableException | ReferenceException e) {
      return new Finding(
          LevelVerdict.inconclusive(
              InconclusiveReason.NO_KERNEL, "no certificate: " + e.getMessage()),
          null);
    } catch (EvaluationMemoryException e) {
      return new Finding(
          LevelVerdict.inconclusive(InconclusiveReason.MEMORY, "no certificate: " + e.getMessage()),
          null);
    } catch (GraphException e) {
      return Finding.different(message(e));
    } catch (TensorReadException e) {
      return Finding.different("a parameter cannot be read: " + e.getMessage());
    }
  }

  private static String message(RuntimeException e) {
    return String.valueOf(e.getMessage());
  }

  private static Finding compare(
      Subgraph before, Subgraph after, Iterable<Map<String, Shape>> candidates) {
    ElementType type = SubgraphTypes.of(before);
    RuntimeException failure = new UncertifiableException("no shapes to try");
    int failures = 0;
    for (Map<String, Shape> shapes : candidates) {
      NormalForm.Result was;
      NormalForm.Result is;
      try {
        was = NormalForm.of(before, shapes, type, NormalForm.Reading.STRICT);
        is = after(after, shapes, type);
      } catch (UncertifiableException e) {
        Finding alike = alike(before, after, shapes);
        if (alike != null) {
          return alike;
        }
        failure = failures++ == 0 ? e : failure;
        continue;
      } catch (ReferenceException e) {
        failure = failures++ == 0 ? e : failure;
        continue; // These shapes do not fit one of the sides; others may fit both.
      }
      ErrorBound bound = new ErrorBound(SubgraphTypes.stored(after, type));
      try {
        LevelVerdict verdict = compare(was, is, bound);
        return new Finding(verdict, bound.figures());
      } catch (UncertifiableException e) {
        Finding alike = alike(before, after, shapes);
        if (alike != null) {
          return alike;
        }
        throw e;
      }
    }
    throw failure;
  }

  /** Equivalent where each node without a form is the same on both sides; null otherwise. */
  private static @Nullable Finding alike(
      Subgraph before, Subgraph after, Map<String, Shape> shapes) {
    Finding lenient = alike(before, after, shapes, NormalForm.Reading.LENIENT);
    return lenient != null ? lenient : alike(before, after, shapes, NormalForm.Reading.LITERAL);
  }

  private static @Nullable Finding alike(
      Subgraph before, Subgraph after, Map<String, Shape> shapes, NormalForm.Reading reading) {
    ElementType type = SubgraphTypes.of(before);
    try {
      ErrorBound bound = new ErrorBound(SubgraphTypes.stored(after, type));
      LevelVerdict verdict =
          compare(
              NormalForm.of(before, shapes, type, reading),
              NormalForm.of(after, shapes, type, reading),
              bound);
      return verdict.verdict() == Verdict.EQUIVALENT ? new Finding(verdict, bound.figures()) : null;
    } catch (UncertifiableException | ReferenceException e) {
      return null;
    }
  }

  private static NormalForm.Result after(
      Subgraph after, Map<String, Shape> shapes, ElementType type) {
    try {
      return NormalForm.of(after, shapes, type, NormalForm.Reading.STRICT);
    } catch (ReferenceException e) {
      throw new GraphException("the fused nodes cannot be evaluated: " + e.getMessage());
    }
  }

  private static LevelVerdict compare(
      NormalForm.Result was, NormalForm.Result is, ErrorBound bound) {
    if (was.layers().size() != is.layers().size()) {
      return LevelVerdict.different(
          "%s become %d"
              .formatted(
                  Amounts.count(was.layers().size(), "layer has", "layers have"),
                  is.layers().size()));
    }
    for (Map.Entry<String, Field> output : was.outputs().entrySet()) {
      Field other = is.outputs().get(output.getKey());
      if (other == null || !sameSources(output.getValue(), other)) {
        return LevelVerdict.different(
            "'%s' takes its elements from other places, or has another shape"
                .formatted(output.getKey()));
      }
    }
    for (int i = 0; i < was.layers().size(); i++) {
      LevelVerdict fault = compare(i, was, is, bound);
      if (fault != null) {
        return fault;
      }
    }
    for (Map.Entry<String, Field> output : was.outputs().entrySet()) {
      Field other = is.outputs().get(output.getKey());
      if (other != null) {
        bound.addFunctions("'" + output.getKey() + "'", output.getValue(), other, was::hasWeights);
      }
    }
    return bound.verdict();
  }

  private static boolean sameSources(Field a, Field b) {
    return a.source().shape().equals(b.source().shape())
        && a.padding().equals(b.padding())
        && Arrays.equals(a.source().values(), b.source().values());
  }

  private static @Nullable LevelVerdict compare(
      int layer, NormalForm.Result was, NormalForm.Result is, ErrorBound bound) {
    RawLayer a = was.layers().get(layer);
    RawLayer b = is.layers().get(layer);
    if (!a.form().equals(b.form())) {
      return LevelVerdict.different(
          "'%s' was %s and is %s".formatted(a.node().label(), a.form(), b.form()));
    }
    if (a.inputs().size() != b.inputs().size()) {
      return LevelVerdict.different(
          "'%s' takes another number of values".formatted(a.node().label()));
    }
    for (int i = 0; i < a.inputs().size(); i++) {
      if (!sameElements(a.inputs().get(i).source(), b.inputs().get(i).source())) {
        return LevelVerdict.different("other values arrive at '%s'".formatted(a.node().label()));
      }
    }
    RawLayer.Weights w = a.weights();
    RawLayer.Weights v = b.weights();
    if (w == null || v == null) {
      for (int i = 0; i < a.inputs().size(); i++) {
        bound.addFunctions(
            "what arrives at '" + a.node().label() + "'",
            a.inputs().get(i),
            b.inputs().get(i),
            was::hasWeights);
      }
      return null;
    }
    if (w.channels() != v.channels()) {
      return LevelVerdict.different(
          "the weight of '%s' has another shape".formatted(a.node().label()));
    }
    bound.addLayer(
        a.node().label(),
        w,
        ChannelFunction.of(layer, w.channels(), fields(was)),
        v,
        ChannelFunction.of(layer, v.channels(), fields(is)));
    return null;
  }

  private static boolean sameElements(NdArray a, NdArray b) {
    return a.shape().equals(b.shape()) && Arrays.equals(a.values(), b.values());
  }

  private static List<Field> fields(NormalForm.Result side) {
    List<Field> fields = new ArrayList<>(side.outputs().values());
    side.layers().forEach(layer -> fields.addAll(layer.inputs()));
    return fields;
  }

  /** A figure for people. */
  static String figure(double value) {
    return String.format(Locale.ROOT, "%.3g", value);
  }
}
