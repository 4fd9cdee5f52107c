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

import dev.fusewright.core.analysis.shape.Basis;
import dev.fusewright.core.analysis.shape.ShapeInference;
import dev.fusewright.core.graph.Captures;
import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.reference.NdArray;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Normal form of one side of a site: layers, and functions of their channels.
 *
 * <p>Nothing here knows the algebra of any operator but the layers': what a BatchNormalization, an
 * Add or a Transpose does is found out by asking the reference evaluator what it makes of zeros, of
 * ones, and of numbers that say where they come from. That it is affine is checked on random
 * numbers.
 */
final class NormalForm {
  private static final Set<String> PASSING = Set.of("Identity", "Dropout");
  private static final Set<String> REARRANGING =
      Set.of("Reshape", "Transpose", "Unsqueeze", "Squeeze", "Flatten", "Concat");

  /** Those that put in or take out axes of extent 1, and keep the order of elements. */
  private static final Set<String> SPREADING = Set.of("Unsqueeze", "Squeeze");

  private static final Set<String> AFFINE =
      Set.of("BatchNormalization", "Mul", "Div", "Add", "Sub");
  private static final Set<String> EXTENTS = Set.of("Shape", "Size");
  private static final double AFFINE_TOLERANCE = 1e-9;
  private static final int NORM_BIAS = 2;
  private static final int NORM_MEAN = 3;

  private final Subgraph side;
  private final ElementType type;
  private final ShapeInference inferred;
  private final Reading reading;
  private final Map<String, Field> fields = new HashMap<>();
  private final List<RawLayer> layers = new ArrayList<>();

  /** Values that follow from the shapes of fields alone. */
  private final Map<String, NdArray> extents = new HashMap<>();

  private final Map<String, Node> said = new HashMap<>();

  /** Values that a Relu or Clip computes. */
  private final Map<String, Clamp> clamped = new HashMap<>();

  private NormalForm(Subgraph side, ElementType type, ShapeInference inferred, Reading reading) {
    this.side = side;
    this.type = type;
    this.inferred = inferred;
    this.reading = reading;
  }

  /** How a node is taken of which no form is known. */
  enum Reading {
    /** The side has no form either. */
    STRICT,
    /** As one that both sides have to have, with the same operands. */
    LENIENT,
    /** So are those that are affine, which may act on other axes than the layers before them. */
    LITERAL
  }

  /** The layers of a side in order, and its outputs in terms of them. */
  record Result(List<RawLayer> layers, Map<String, Field> outputs) {
    boolean hasWeights(int layer) {
      return layers.get(layer).weights() != null;
    }
  }

  /**
   * Derives the form of a side.
   *
   * @param shapes of the site's inputs
   * @param type of its values
   * @param reading of nodes without a form
   * @throws UncertifiableException if it has none
   */
  static Result of(Subgraph side, Map<String, Shape> shapes, ElementType type, Reading reading) {
    NormalForm form = new NormalForm(side, type, side.inferenceOf(shapes), reading);
    int input = 0;
    for (Map.Entry<String, Shape> entry : shapes.entrySet()) {
      form.fields.put(entry.getKey(), form.input(input++, entry.getValue()));
    }
    side.nodes().forEach(form::pass);
    Map<String, Field> outputs = new LinkedHashMap<>();
    for (String output : side.outputs()) {
      Field known = form.fields.get(output);
      Field field = known == null ? form.extentsAt(output) : known;
      outputs.put(output, field == null ? form.constant(output) : field);
    }
    return new Result(form.layers, outputs);
  }

  private Field input(int number, Shape shape) {
    double[] source = new double[size(shape)];
    Arrays.setAll(source, position -> Sources.ofInput(number, position));
    return plain(NdArray.of(type, shape, source));
  }

  /** A field without any source. */
  private Field constant(String name) {
    NdArray value = side.constant(name);
    NdArray none = filled(value.shape(), 0);
    return new Field(none, none, value, map(value, i -> Math.abs(value.values()[(int) i])));
  }

  /** A field that is its source. */
  private Field plain(NdArray source) {
    return new Field(
        source, filled(source.shape(), 1), filled(source.shape(), 0), filled(source.shape(), 0));
  }

  private static int size(Shape shape) {
    if (shape.elementCount() > LinearLayers.MOST_DERIVED) {
      throw UncertifiableException.forSize(
          "a value of the shape " + shape + " is too large to hold");
    }
    return (int) shape.elementCount();
  }

  private NdArray filled(Shape shape, double value) {
    double[] values = new double[size(shape)];
    Arrays.fill(values, value);
    return NdArray.of(type, shape, values);
  }

  private void pass(Node node) {
    int before = layers.size();
    try {
      read(node);
    } catch (UncertifiableException e) {
      if (reading == Reading.STRICT
          || e.isForSize()
          || !node.bodies().isEmpty()
          || layers.size() > before) {
        throw e;
      }
      opaque(node, node.inputs().stream().filter(fields::containsKey).toList());
    }
  }

  private void read(Node node) {
    List<String> data = node.inputs().stream().filter(fields::containsKey).toList();
    if (Captures.of(node).stream().anyMatch(fields::containsKey)
        || (!node.bodies().isEmpty() && !data.isEmpty())) {
      throw new UncertifiableException("'" + node.label() + "' has bodies");
    }
    if (data.isEmpty()) {
      return; // Computes a constant, which its readers ask the evaluator for.
    }
    String operator = node.op().domain().isEmpty() ? node.op().type() : node.op().toString();
    Field first = field(data.get(0));
    if (EXTENTS.contains(operator)) {
      requireUnpadded(node, data);
      extents(node, first);
    } else if (PASSING.contains(operator) && data.size() == 1) {
      fields.put(node.output(), passed(node, data, first.padding()));
      clampPassed(node, data.get(0));
    } else if (REARRANGING.contains(operator) && (data.size() == 1 || operator.equals("Concat"))) {
      fields.put(node.output(), rearranged(node, data));
      if (SPREADING.contains(operator)) {
        clampPassed(node, data.get(0));
      }
    } else if (AFFINE.contains(operator) && data.size() == 1 && reading != Reading.LITERAL) {
      Field result = affine(node, data.get(0), first);
      fields.put(node.output(), result);
      if (isUnchanged(first, result)) {
        clampPassed(node, data.get(0));
      }
    } else if (operator.equals("Pad") && data.size() == 1 && node.input(0).equals(data.get(0))) {
      fields.put(node.output(), Geometry.padded(side, node, first));
    } else if (LinearLayers.isOne(node) && data.equals(List.of(node.input(0)))) {
      LinearLayers.Made made =
          LinearLayers.make(side, node, ownPart(first), first, shape(node.output()));
      fields.put(node.output(), withBias(made, layers.size()));
      layers.add(made.layer());
    } else if (Clamp.isOne(node) && data.equals(List.of(node.input(0)))) {
      clamp(node, first);
    } else {
      opaque(node, data);
    }
  }

  /** The shape of a value; null where inference cannot tell. */
  private @Nullable Shape shape(String value) {
    return inferred.of(value).fixed(Basis.PROMISED);
  }

  /**
   * A Relu or a Clip. Where it alone reads what another one has just computed, the two are one with
   * the bounds of both.
   */
  private void clamp(Node node, Field input) {
    if (!input.padding().isEmpty()) {
      throw new UncertifiableException("'" + node.label() + "' works on a padded value");
    }
    Clamp clamp = Clamp.of(side, node);
    List<Field> inputs = List.of(input);
    Clamp before = clamped.get(node.input(0));
    int last = layers.size() - 1;
    if (before != null
        && input.source().size() > 0
        && input.source().values()[0] == Sources.ofLayer(last, 0)
        && side.readers(node.input(0)) == 1) {
      clamp = clamp.after(before);
      inputs = layers.remove(last).inputs();
    }
    int layer = layers.size();
    double[] source = new double[input.source().size()];
    Arrays.setAll(source, position -> Sources.ofLayer(layer, position));
    layers.add(new RawLayer(node, clamp.toString(), null, inputs));
    clamped.put(node.output(), clamp);
    fields.put(node.output(), plain(NdArray.of(type, input.source().shape(), source)));
  }

  /** Whether an affine operator multiplies by 1 and adds 0 everywhere. */
  private static boolean isUnchanged(Field before, Field after) {
    return Arrays.equals(before.scale().values(), after.scale().values())
        && Arrays.equals(before.shift().values(), after.shift().values());
  }

  /**
   * What gives on the elements of a Relu or Clip in their order, to nobody else, is clamped too.
   */
  private void clampPassed(Node node, String data) {
    Clamp clamp = clamped.get(data);
    if (clamp != null && side.readers(data) == 1) {
      clamped.put(node.output(), clamp);
    }
  }

  /**
   * What is said of a shape is the same on both sides if it is the same number, wherever it is
   * taken from.
   */
  private void extents(Node node, Field of) {
    extents.put(node.output(), answer(node, Map.of(node.input(0), of.source())));
    said.put(node.output(), node);
  }

  /** Extents that leave the site: a layer of which nothing is asked but that it is the same. */
  private @Nullable Field extentsAt(String output) {
    NdArray result = extents.get(output);
    Node node = said.get(output);
    if (result == null || node == null) {
      return null;
    }
    double[] source = new double[result.size()];
    Arrays.setAll(source, position -> Sources.ofLayer(layers.size(), position));
    layers.add(
        new RawLayer(
            node,
            "%s of %s".formatted(node.op(), Arrays.toString(result.values())),
            null,
            List.of()));
    return plain(NdArray.of(type, result.shape(), source));
  }

  private Field field(String name) {
    Field field = fields.get(name);
    if (field == null) {
      throw new IllegalStateException("'" + name + "' is no field");
    }
    return field;
  }

  /**
   * What arrives, less what an earlier layer of the site accounts for: its scaled weight and its
   * shifted bias are compared as they arrive, and must not be counted again.
   */
  private Field ownPart(Field arriving) {
    double[] sources = arriving.source().values();
    return new Field(
        arriving.source(),
        unlessAccounted(sources, arriving.scale(), 1),
        unlessAccounted(sources, arriving.shift(), 0),
        arriving.magnitude(),
        arriving.padding());
  }

  private NdArray unlessAccounted(double[] sources, NdArray values, double neutral) {
    return map(values, i -> isAccounted(sources[(int) i]) ? neutral : values.values()[(int) i]);
  }

  private boolean isAccounted(double source) {
    return Sources.isLayer(source) && layers.get(Sources.layer(source)).weights() != null;
  }

  private Field withBias(LinearLayers.Made made, int layer) {
    int rank = made.shape().rank();
    int size = size(made.shape());
    int run = Math.toIntExact(made.shape().elementCount(made.channelAxis() + 1, rank));
    int channels = Math.toIntExact(made.shape().dim(made.channelAxis()));
    double[] source = new double[size];
    double[] shift = new double[size];
    double[] magnitude = new double[size];
    double[] bias = made.bias();
    for (int i = 0; i < size; i++) {
      int channel = i / run % channels;
      source[i] = Sources.ofLayer(layer, channel);
      shift[i] = bias[channel];
      magnitude[i] = Math.abs(shift[i]);
    }
    return new Field(
        NdArray.of(type, made.shape(), source),
        filled(made.shape(), 1),
        NdArray.of(type, made.shape(), shift),
        NdArray.of(type, made.shape(), magnitude));
  }

  private Field rearranged(Node node, List<String> data) {
    Field first = field(data.get(0));
    if (data.size() == 1 && !first.padding().isEmpty() && SPREADING.contains(node.op().type())) {
      return passed(node, data, Geometry.spreadPadding(side, node, first));
    }
    requireUnpadded(node, data);
    return passed(node, data, List.of());
  }

  private Field passed(Node node, List<String> data, List<Long> padding) {
    return new Field(
        ask(node, data, Field::source),
        ask(node, data, Field::scale),
        ask(node, data, Field::shift),
        ask(node, data, Field::magnitude),
        padding);
  }

  private void requireUnpadded(Node node, List<String> data) {
    if (data.stream().anyMatch(name -> !field(name).padding().isEmpty())) {
      throw new UncertifiableException("'" + node.label() + "' works on a padded value");
    }
  }

  private NdArray ask(
      Node node, List<String> data, java.util.function.Function<Field, NdArray> part) {
    Map<String, NdArray> given = new HashMap<>();
    data.forEach(name -> given.put(name, part.apply(field(name))));
    return answer(node, given);
  }

  private NdArray answer(Node node, Map<String, NdArray> given) {
    Map<String, NdArray> known = new HashMap<>(extents);
    known.putAll(given);
    return resultOf(node, side.evaluate(known, Set.of(node.output())));
  }

  private static NdArray resultOf(Node node, Map<String, NdArray> values) {
    NdArray result = values.get(node.output());
    if (result == null) {
      throw new UncertifiableException("'" + node.label() + "' gives no value");
    }
    return result;
  }

  private Field affine(Node node, String data, Field x) {
    NdArray shift = answer(node, Map.of(data, x.shift()));
    NdArray scale = scale(node, data, x, shift);
    if (!shift.shape().equals(x.shift().shape())) {
      throw new UncertifiableException(
          "'%s' makes %s of %s".formatted(node.label(), shift.shape(), x.shift().shape()));
    }
    NdArray atZero = answer(node, Map.of(data, filled(x.shift().shape(), 0)));
    requirePaddingKept(node, data, x, atZero);
    NdArray atMagnitude = answer(node, Map.of(data, x.magnitude()));
    double[] terms = ownTerms(node, data, x);
    double[] magnitude = new double[shift.size()];
    for (int i = 0; i < magnitude.length; i++) {
      double zero = atZero.values()[i];
      magnitude[i] = Math.abs(atMagnitude.values()[i] - zero) + Math.abs(zero) + terms[i];
    }
    Field result =
        new Field(
            x.source(), scale, shift, NdArray.of(type, shift.shape(), magnitude), x.padding());
    requireAffine(node, data, x, result);
    return result;
  }

  /**
   * Around a value that a Pad has put zeros around there must be zeros still: the operator makes
   * zero of zero, and its operands are the same at each place of the spatial axes.
   */
  private void requirePaddingKept(Node node, String data, Field x, NdArray atZero) {
    if (x.padding().isEmpty()) {
      return;
    }
    boolean isSameEverywhere =
        node.op().type().equals("BatchNormalization")
            || node.inputs().stream()
                .filter(input -> !input.equals(data))
                .allMatch(input -> isSameAtEachPlace(side.constant(input).shape(), x));
    if (!isSameEverywhere || Arrays.stream(atZero.values()).anyMatch(value -> value != 0)) {
      throw new UncertifiableException("'" + node.label() + "' works on a padded value");
    }
  }

  private static boolean isSameAtEachPlace(Shape operand, Field x) {
    int spatial = x.source().rank() - 2;
    for (int axis = Math.max(0, operand.rank() - spatial); axis < operand.rank(); axis++) {
      if (operand.dim(axis) != 1) {
        return false;
      }
    }
    return true;
  }

  /**
   * What an affine operator multiplies by: its result where it adds zero. A difference of two of
   * its results says the same, but for a scale that is far below the shift: of a channel that
   * training has switched off nothing would be left. It has to do where a value is two operands.
   */
  private NdArray scale(Node node, String data, Field x, NdArray shift) {
    if (Collections.frequency(node.inputs(), data) == 1) {
      return apart(node, data, x.scale(), addends(node, data));
    }
    NdArray ones = answer(node, Map.of(data, combined(x.scale(), x.shift(), 1)));
    return map(ones, i -> ones.values()[(int) i] - shift.values()[(int) i]);
  }

  /** The operands without which an affine operator is linear. */
  private static Set<Integer> addends(Node node, String data) {
    return switch (node.op().type()) {
      case "BatchNormalization" -> Set.of(NORM_BIAS, NORM_MEAN);
      case "Add", "Sub" -> Set.of(1 - node.inputs().indexOf(data));
      default -> Set.of(); // Mul and Div add nothing.
    };
  }

  /**
   * What a node makes of a value where some of its constants are zero, even if the same constant is
   * another operand too.
   */
  private NdArray apart(Node node, String data, NdArray value, Set<Integer> zero) {
    List<String> names = new ArrayList<>();
    Map<String, NdArray> given = new HashMap<>(Map.of(data, value));
    for (int i = 0; i < node.inputs().size(); i++) {
      String input = node.input(i);
      if (input.isEmpty() || input.equals(data)) {
        names.add(input);
        continue;
      }
      String name = "operand " + i;
      names.add(name);
      NdArray constant = extents.get(input);
      given.put(
          name,
          zero.contains(i) ? zeros(input) : constant == null ? side.constant(input) : constant);
    }
    Graph alone =
        new Graph("operator", List.of(node.withInputs(names)), List.of(), List.of(), List.of());
    return resultOf(
        node,
        new Subgraph(alone, side.opsets(), side.functions(), Map.of())
            .evaluate(given, Set.of(node.output())));
  }

  private NdArray zeros(String constant) {
    NdArray value = side.constant(constant);
    return NdArray.of(value.type(), value.shape(), new double[value.size()]);
  }

  /**
   * The terms of which the result of a norm at zero is the sum: its bias, and the mean times its
   * scale.
   */
  private double[] ownTerms(Node node, String data, Field x) {
    double[] terms = new double[x.shift().size()];
    if (!node.op().type().equals("BatchNormalization")) {
      return terms;
    }
    NdArray bias = side.constant(node.input(NORM_BIAS));
    NdArray unbiased = apart(node, data, filled(x.shift().shape(), 0), Set.of(NORM_BIAS));
    int run = Math.toIntExact(x.shift().shape().elementCount(2, x.shift().rank()));
    for (int i = 0; i < terms.length; i++) {
      terms[i] = Math.abs(unbiased.values()[i]) + Math.abs(bias.values()[i / run % bias.size()]);
    }
    return terms;
  }

  private void requireAffine(Node node, String data, Field x, Field result) {
    NdArray random = noise(x.shift().shape());
    double[] there =
        answer(node, Map.of(data, combined(times(x.scale(), random), x.shift(), 1))).values();
    double[] scale = result.scale().values();
    double[] shift = result.shift().values();
    double[] magnitude = result.magnitude().values();
    for (int i = 0; i < there.length; i++) {
      double expected = random.values()[i] * scale[i] + shift[i];
      double room = Math.abs(scale[i]) + magnitude[i] + Double.MIN_NORMAL;
      if (!(Math.abs(there[i] - expected) <= AFFINE_TOLERANCE * room)) {
        throw new UncertifiableException("'" + node.label() + "' is not affine at each position");
      }
    }
  }

  private NdArray noise(Shape shape) {
    Random random = new Random(shape.elementCount());
    double[] values = new double[Math.toIntExact(shape.elementCount())];
    Arrays.setAll(values, i -> 3 * random.nextDouble() - 1.5);
    return NdArray.of(type, shape, values);
  }

  private NdArray times(NdArray a, NdArray b) {
    double[] left = a.values();
    double[] right = b.values();
    return map(a, i -> left[(int) i] * right[(int) i]);
  }

  private NdArray combined(NdArray a, NdArray b, double factor) {
    double[] left = a.values();
    double[] right = b.values();
    return map(a, i -> left[(int) i] + factor * right[(int) i]);
  }

  private NdArray map(NdArray like, DoubleUnaryOperator byIndex) {
    double[] values = new double[like.size()];
    Arrays.setAll(values, byIndex::applyAsDouble);
    return NdArray.of(type, like.shape(), values);
  }

  /** An operator of which only that it is the same on both sides can be said. */
  private void opaque(Node node, List<String> data) {
    List<Field> inputs = data.stream().map(this::field).toList();
    boolean pads =
        node.op().type().equals("AveragePool")
            || (node.op().type().equals("Conv") && data.get(0).equals(node.input(0)));
    if (inputs.stream().skip(pads ? 1 : 0).anyMatch(field -> !field.padding().isEmpty())) {
      throw new UncertifiableException("'" + node.label() + "' works on a padded value");
    }
    Map<String, NdArray> given = new HashMap<>();
    for (String name : data) {
      // What has been padded is larger than what its elements are taken from.
      Shape full = field(name).padding().isEmpty() ? null : shape(name);
      given.put(name, noise(full == null ? field(name).source().shape() : full));
    }
    Map<String, NdArray> results = side.evaluate(given, Set.copyOf(asked(node)));
    String form = Geometry.form(side, node, inputs, data);
    for (String output : asked(node)) {
      NdArray result = results.get(output);
      int layer = layers.size();
      double[] source = new double[result == null ? 0 : result.size()];
      Arrays.setAll(source, position -> Sources.ofLayer(layer, position));
      fields.put(
          output, plain(NdArray.of(type, result == null ? Shape.of(0) : result.shape(), source)));
      layers.add(new RawLayer(node, form + " " + node.outputs().indexOf(output), null, inputs));
    }
  }

  private static List<String> asked(Node node) {
    return node.outputs().stream().filter(output -> !output.isEmpty()).toList();
  }
}
