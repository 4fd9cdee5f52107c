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
package dev.fusewright.core.reference;

import dev.fusewright.core.tensor.ElementCodec;
import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.LiteralTensor;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.Tensors;
import java.util.Arrays;

/**
 * A value of the evaluator: a type, a shape and all elements as doubles, in row-major order.
 *
 * <p>The type says what the value is in the model; the elements are not rounded to it. Booleans are
 * 0 and 1. Integers of 64 bits are exact up to 2<sup>53</sup> in magnitude. Strings and complex
 * numbers have no such value.
 *
 * <p>Immutable by agreement: the array is not copied, since values are large, and nobody writes to
 * it.
 */
public final class NdArray {
  private final ElementType type;
  private final Shape shape;
  private final double[] values;

  private NdArray(ElementType type, Shape shape, double[] values) {
    if (shape.elementCount() != values.length) {
      throw new IllegalArgumentException(
          "%d values for %s%s".formatted(values.length, type.text(), shape));
    }
    this.type = type;
    this.shape = shape;
    this.values = values;
  }

  /**
   * An array of these elements.
   *
   * @param values as many as the shape says; kept, not copied
   * @throws IllegalArgumentException if there are more or fewer
   */
  public static NdArray of(ElementType type, Shape shape, double... values) {
    return new NdArray(type, shape, values);
  }

  /**
   * The elements of a tensor, exactly.
   *
   * @throws IllegalArgumentException if the tensor has too many elements for this heap, or a type
   *     without arithmetic
   */
  public static NdArray of(Tensor tensor) {
    return new NdArray(
        tensor.type(), tensor.shape(), Tensors.doubles(tensor, HeldMemory.MOST_ELEMENTS));
  }

  /** A float32 array. */
  public static NdArray ofFloats(Shape shape, float... values) {
    double[] doubles = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      doubles[i] = values[i];
    }
    return new NdArray(ElementType.FLOAT, shape, doubles);
  }

  /** An int64 array. */
  public static NdArray ofLongs(Shape shape, long... values) {
    return new NdArray(ElementType.INT64, shape, Arrays.stream(values).asDoubleStream().toArray());
  }

  /** A one-dimensional int64 array: a shape, a list of axes. */
  public static NdArray ofLongs(long... values) {
    return ofLongs(Shape.of(values.length), values);
  }

  /** An array without axes. */
  public static NdArray scalar(ElementType type, double value) {
    return new NdArray(type, Shape.SCALAR, new double[] {value});
  }

  /** What the value is in the model. */
  public ElementType type() {
    return type;
  }

  /** The sizes of the axes. */
  public Shape shape() {
    return shape;
  }

  /** All elements, in row-major order; not to be written to. */
  public double[] values() {
    return values;
  }

  /** The number of elements. */
  public int size() {
    return values.length;
  }

  /** The number of axes. */
  public int rank() {
    return shape.rank();
  }

  /** The size of one axis. */
  public int dim(int axis) {
    return Math.toIntExact(shape.dim(axis));
  }

  /** The elements as integers, truncated. */
  public long[] longs() {
    long[] longs = new long[values.length];
    for (int i = 0; i < longs.length; i++) {
      longs[i] = (long) values[i];
    }
    return longs;
  }

  /** The same elements in the same order under another shape. */
  public NdArray reshaped(Shape newShape) {
    return new NdArray(type, newShape, values);
  }

  /** The same elements, said to be of another type; none is changed. */
  public NdArray retyped(ElementType newType) {
    return new NdArray(newType, shape, values);
  }

  /** These elements as the type stores them: rounded once, to nearest even. */
  public NdArray rounded() {
    ElementCodec codec = ElementCodec.of(type);
    return new NdArray(type, shape, Arrays.stream(values).map(codec::round).toArray());
  }

  /** A tensor that holds these elements, rounded once into the type. */
  public Tensor toTensor() {
    return LiteralTensor.ofDoubles(type, shape, values);
  }

  /** Equal type, shape and bits of every element, so that NaN equals itself and 0 is not −0. */
  @Override
  public boolean equals(Object other) {
    return other instanceof NdArray that
        && type == that.type
        && shape.equals(that.shape)
        && Arrays.equals(values, that.values);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * type.hashCode() + shape.hashCode()) + Arrays.hashCode(values);
  }

  /** The type and shape, and the first few elements. */
  @Override
  public String toString() {
    int shown = Math.min(values.length, 8);
    String head = Arrays.toString(Arrays.copyOf(values, shown));
    return type.text() + shape + (shown < values.length ? head.replace("]", ", …]") : head);
  }
}
